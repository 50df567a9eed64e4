"""A Galaxy draft that contradicts itself as published ones do, a measure that was handed in, one off the list."""

from datetime import date, datetime, timedelta

from trainingapp.accounts.models import User
from trainingapp.programmes.models import Programme
from trainingapp.submissions import actions, reading
from trainingapp.submissions.actions import Typed
from trainingapp.submissions.kinds import KINDS
from trainingapp.submissions.models import Submission

# As the published entry goes wrong: countries, counts, goals and status that do not agree. Wording invented.
PUBLISHED = """
Small and medium industry: learning from one another
Summary: Indonesia and the Colombo Plan bring officials and owners of small firms together each year.
Challenges
Small firms in Bangladesh, Bhutan, Nepal and Viet Nam make most of what their countries make, and few of them
reach a bank or a buyer abroad. Officials who should help them seldom see how a neighbour does it. Courses end
with a certificate; nobody hears what came of them, and what one country has learnt the next one learns anew.
Towards a Solution
Since 2016, 109 participants from 18 countries have taken part in five editions in Bali, Yogyakarta, Bandung and
Surabaya, and online in 2020. Each edition joins lectures with visits to workshops: batik, footwear, packaging.
Everybody leaves with an action plan, and goes on with it at home. Papua New Guinea and Fiji took part once.
In 2015 three countries had tried a shorter course. Alumni stay in touch with the ministry.
Contact Information: Bureau for Foreign Technical Cooperation
Countries involved: Bangladesh, Bhutan, Laos, Lao PDR, Myanmar, Nepal, Pakistn
Supported by: Colombo Plan Secretariat
Implementing Entities: Ministry of State Secretariat, Indonesia; Ministry of Industry, Indonesia
Project Status: Ongoing
Project Period: 2016 - 2024
URL: www.setneg.example/smi
Primary SDG: 09 - Industry, Innovation and Infrastructure
Secondary SDGs: 08 - Decent Work, 09 - Industry, Innovation and Infrastructure, 17 - Partnerships
Similar Solutions
Looms for rent | Bangladesh, Bhutan, Laos, Myanmar, Nepal, Pakistn | 8 | Completed
Kemitraan: lihat juga halaman kami
"""
MEASURE = {
    "party": "Indonesia",
    "usd": "185,000",
    "partners": [
        {"name": "Ministry of Industry, Indonesia", "type": "public"},
        {"name": "Colombo Plan Secretariat", "type": "public"},
        {"name": "Association of batik makers (invented)", "type": "civil"},
    ],
    "evaluated": "yes",
    "evaluated_by": "An outside reviewer of the ministry (invented)",
    "conclusions": "Visits to workshops led to more finished plans than lectures did. Follow-up came too late.",
    "youth": "no",
    "preferential": "yes",
    "goals": ["3"],
    "areas": ["3.2"],
    "domains": ["design", "visual-arts"],
    "cycle": "2021 to 2024",
}


def make(programme: Programme, coordinator: User, now: datetime) -> None:
    galaxy, measure = KINDS["galaxy"], KINDS["unesco-2005"]
    published = reading.read(galaxy, PUBLISHED)
    actions.bring_in(programme, galaxy, "en", published, coordinator, now, "demo-published")
    as_of = date(2024, 12, 31)
    handed_in = _begun(programme, measure.key, as_of, coordinator, now - timedelta(days=40))
    typed = Typed({**handed_in.texts, **MEASURE}, handed_in.languages, set(handed_in.proposed))
    actions.save(handed_in, typed, coordinator, now)
    day = now.date() - timedelta(days=30)
    address = "https://measures.example/policies/smi"
    actions.hand_in(handed_in, day, address, coordinator, now)
    _begun(programme, galaxy.key, None, coordinator, now)
    actions.discard(_begun(programme, measure.key, None, coordinator, now), coordinator, now)


def _begun(programme: Programme, key: str, as_of: date | None, by: User, now: datetime) -> Submission:
    form_id = f"demo-{key}-{as_of}-{now.isoformat()}"[:40]
    return actions.begin(programme, KINDS[key], "en", as_of, by, now, form_id)
