"""What the demo is made from. Editions, themes, dates and head counts 2016-2023 are the real ones, from
press reports of both ministries (the 2020 dates and all 2024-2027 editions are invented). Every person,
firm and sentence is invented.
"""

from dataclasses import dataclass
from datetime import date

from trainingapp.cohorts.models import CohortState, Mode

PROGRAMME = "Capacity Building Programme on Enhancing the Development of Small and Medium Industry"

DESCRIPTION = (
    "Since 2016 Indonesia and the Colombo Plan train officials and entrepreneurs of developing countries "
    "in growing small and medium industry."
)


@dataclass(frozen=True)
class Edition:
    theme: str
    name: str
    starts_on: date
    ends_on: date
    places: tuple[str, ...]
    time_zone: str
    mode: Mode
    people: int
    countries: str  # ISO codes; the first ones send more people
    state: CohortState = CohortState.FOLLOW_UP


JAVA, BALI = "Asia/Jakarta", "Asia/Makassar"

EDITIONS = (
    Edition(
        "Policies for small and medium industry: markets, clusters, one village one product, finance",
        "First edition, Bali",
        date(2016, 10, 24),
        date(2016, 10, 28),
        ("Bali",),
        BALI,
        Mode.IN_PERSON,
        19,
        "BT BD FJ MM NP LK PK PG MY LA TH MV ID",
        CohortState.CLOSED,
    ),
    Edition(
        "Clusters, one village one product and people's business credit",
        "Second edition, Yogyakarta",
        date(2017, 7, 30),
        date(2017, 8, 9),
        ("Yogyakarta",),
        JAVA,
        Mode.IN_PERSON,
        22,
        "ID BD BT LA MM NP LK AF IR VN PG PK",
        CohortState.CLOSED,
    ),
    Edition(
        "Small and Medium Industry Acceleration Through Research and Development",
        "Third edition, Jakarta and Bandung",
        date(2018, 7, 18),
        date(2018, 7, 30),
        ("Jakarta", "Bandung"),
        JAVA,
        Mode.IN_PERSON,
        20,
        "AF BD BT IN LA MM NP PK LK ID",
        CohortState.CLOSED,
    ),
    Edition(
        "Small and Medium Industry Empowerment through Business Development Services",
        "Fourth edition, Surabaya",
        date(2019, 7, 2),
        date(2019, 7, 13),
        ("Surabaya", "Sidoarjo", "Malang"),
        JAVA,
        Mode.IN_PERSON,
        19,
        "BD BT LA MM NP PK IR MY BN MV IN ID",
        CohortState.CLOSED,
    ),
    Edition(
        "The Impact of Industry 4.0 in Enhancing the Development of Small and Medium Enterprises, "
        "especially during the COVID-19 Pandemic",
        "Fifth edition",
        date(2020, 10, 19),
        date(2020, 10, 23),
        (),
        JAVA,
        Mode.ONLINE,
        29,
        "ID BD NP LK PK MM BT LA MV MY IN FJ TH VN AF PG",
        CohortState.CLOSED,
    ),
    Edition(
        "Innovations of women-owned small and medium industry",
        "Sixth edition, Jakarta",
        date(2021, 9, 13),
        date(2021, 9, 17),
        ("Jakarta",),
        JAVA,
        Mode.HYBRID,
        61,
        "ID BD BT PH IN LA MV MY MM NP PK LK VN",
        CohortState.CLOSED,
    ),
    Edition(
        "Creative industry for economic recovery: fashion and craft",
        "Seventh edition, Bali",
        date(2022, 9, 20),
        date(2022, 9, 30),
        ("Bali",),
        BALI,
        Mode.IN_PERSON,
        19,
        "BD ID LA MY MV NP PK PH SA LK",
    ),
    Edition(
        "Environmental and sustainable approaches: green industry",
        "Eighth edition, Semarang",
        date(2023, 7, 3),
        date(2023, 7, 13),
        ("Semarang",),
        JAVA,
        Mode.IN_PERSON,
        15,
        "BD LA MV MM NP LK PH VN ID",
    ),
)

# Given names, then family names or patronyms; a single name stands for itself.
NAMES: dict[str, tuple[str, str, str]] = {
    "AF": ("Zarmina Farid Laila Temor Shukria", "Hotakwal Sahakyar Wardakzada Nangyalpur", "Nangyal"),
    "BD": ("Shahana Rafiqul Nusrat Anisur Tahmina Kamrul", "Mridhabati Talukpur Jahanira Kholapara", ""),
    "BT": ("Tshering Sonam Karma Dechen Kinzang Ugyen", "Yangdup Choedenma Dawatsho Lhamzang", "Pema"),
    "BN": ("Haziq Nurul Amal", "Lumutan Seriawan Tutongbara", ""),
    "FJ": ("Litia Semi Ashnil Mereoni", "Vunilagi Naqarovu Prakashwar Tuilomaya", ""),
    "IN": ("Meenakshi Arjun Gurleen Kavita Rohan", "Velurkar Pathrekar Sohandeep Nairmala", ""),
    "ID": ("Sekar Dewi Ucok Bagus Ratna Yusuf Melati", "Wulandini Simaralang Pranasari Kertawijana", "Bagas"),
    "IR": ("Shirin Kourosh Parisa", "Golbahari-Tabnak Dastpak Rudkhani", ""),
    "LA": ("Bounmy Khamla Souksavanh Chanthala Viengkham", "Phanthasone Vongsavat Inthalath Sengmany", ""),
    "MY": ("Aisyah Xiu-Wen Thivyaraj Faridah", "Rahmatullah Limbong Kanagamani Ismailia", ""),
    "MV": ("Aishath Ibrahim Mariyam Hassan", "Fulhudhoo Maafushi Thulhaagiri Nashwani", ""),
    "MM": ("Khin Zaw Nan Htet Ei", "Sabei Lin-Thant Mo-Kham Phyuwai", "Thiri"),
    "NP": ("Sarmila Bikram Pasang Anjali Dipendra Maya", "Gurudel Lamichhor Dolmakar Shresthala", ""),
    "PK": ("Ayesha Imran Gul-Makai Bilal Sadia", "Qandeelwala Jhelumi Shinwarda Marwati", ""),
    "PG": ("Dorcas Moses Ruth", "Kerengal Tapusoa Wabagiri", ""),
    "PH": ("Cristina Jun-Jun Peñafrancia Rodel Liza", "Buenavidez-Salonga Macaraeg Ocampong Dimalig", ""),
    "SA": ("Noura Faisal Reem", "Al-Rimali Al-Wadyani", ""),
    "LK": (
        "Chamari Ruwan Nadeesha Priyan Ishara",
        "Peirisena Hettigodage Wickramapala Jayatun",
        "Thavamalar",
    ),
    "TH": ("Siriporn Narong Kanya", "Khwanjaidee Thawipraphat Rungsawan", ""),
    "VN": ("Hoà-Miên Khải-Lâm Quỳnh-Sương Thu-Vân", "Nguyễnthu Trầnviệt Đặngmai Lêhương", ""),
}
HONORIFICS = {"MM": ("Daw", "U"), "BD": ("", "Md."), "MY": ("", "Haji"), "FJ": ("", "Ratu")}
# In the person's own script, for those who wrote it on the form.
LOCAL = {
    "Sarmila Gurudel": ("ne", "शर्मिला गुरुदेल"),
    "Bikram Lamichhor": ("ne", "विक्रम लामिछोर"),
    "Zarmina Hotakwal": ("fa", "زرمینه هوتکوال"),
    "Laila Sahakyar": ("fa", "لیلا سهاکیار"),
    "Tshering Yangdup": ("dz", "ཚེ་རིང་ཡངས་གྲུབ"),
    "Bounmy Phanthasone": ("lo", "ບຸນມີ ພັນທະສອນ"),
    "Daw Khin Sabei": ("my", "ဒေါ်ခင်စံပယ်"),
    "Shahana Mridhabati": ("bn", "শাহানা মৃধাবতী"),
    "Ayesha Qandeelwala": ("ur", "عائشہ قندیل والا"),
    "Chamari Peirisena": ("si", "චමරි පීරිසේන"),
    "Siriporn Khwanjaidee": ("th", "ศิริพร ขวัญใจดี"),
    "Aishath Fulhudhoo": ("dv", "އައިޝަތު ފުޅުދޫ"),
}
LANGUAGES = {"AF": "fa_AF", "ID": "id"}  # in which we write; English to everyone else

OFFICES = {
    "NP": "Ministry of Industry, Commerce and Supplies",
    "BT": "Ministry of Industry, Commerce and Employment",
    "BD": "Small and Cottage Industries Corporation",
    "LA": "Ministry of Industry and Commerce",
    "AF": "Ministry of Industry and Commerce",
    "MM": "Ministry of Industry",
    "ID": "Provincial Industry Office",
}
OTHER_OFFICE = "SME Development Authority"
FIRMS = (
    "Weavers' Cooperative",
    "Food Works",
    "Craft House",
    "Leather Studio",
    "Natural Dyes",
    "Packaging Workshop",
)
ASSOCIATIONS = ("Women Entrepreneurs' Federation", "Chamber of Commerce and Industry", "Crafts Association")
POSTS = ("Assistant director", "Industrial officer", "Deputy chief", "Programme officer", "District officer")
OWNER_POSTS = ("Owner-manager", "Export manager", "Production manager")


@dataclass(frozen=True)
class HostFact:
    name: str
    cluster: str
    products: str
    place: str
    latitude: float
    longitude: float
    time_zone: str
    shows: str


# Clusters and coordinates are real (GeoNames); the firms are invented.
HOSTS = (
    HostFact(
        "Batik Sekar Wening",
        "Batik",
        "hand-drawn batik, natural dyes",
        "Bantul",
        -7.8881,
        110.3289,
        JAVA,
        "Twelve families share one dye house and one price list, written on the wall.",
    ),
    HostFact(
        "Kasongan Clay Circle",
        "Pottery",
        "terracotta",
        "Kasihan",
        -7.8269,
        110.3292,
        JAVA,
        "A village showroom where each potter keeps a shelf; one kiln is rented by the hour.",
    ),
    HostFact(
        "Koperasi Sepatu Cibaduyut Maju",
        "Footwear",
        "leather shoes",
        "Bandung",
        -6.9222,
        107.6069,
        JAVA,
        "Six workshops share a cutting machine and a buyer.",
    ),
    HostFact(
        "Tas Tanggulangin Bersama",
        "Leather bags",
        "bags, belts",
        "Sidoarjo",
        -7.4996,
        112.6999,
        JAVA,
        "Quality labels by colour, so that a new worker can grade leather on the first day.",
    ),
    HostFact(
        "Cor Logam Ceper Jaya",
        "Metal casting",
        "machine parts",
        "Klaten",
        -7.6742,
        110.6789,
        JAVA,
        "A common testing bench that twenty foundries pay for by the piece.",
    ),
    HostFact(
        "Apel Batu Renyah",
        "Food",
        "dried fruit",
        "Batu",
        -7.8700,
        112.5283,
        JAVA,
        "Grade B apples become crisps; how the hygiene certificate was reached in four months.",
    ),
    HostFact(
        "Bandeng Hijau Semarang",
        "Food, green industry",
        "milkfish, crackers",
        "Semarang",
        -6.9931,
        110.4208,
        JAVA,
        "Fish waste is cooked into feed; the water bill fell by a third.",
    ),
    HostFact(
        "Ubud Silver and Coffee House",
        "Craft",
        "silver, coffee",
        "Ubud",
        -8.5098,
        115.2654,
        BALI,
        "Craft and tasting in one courtyard: visitors stay twice as long.",
    ),
    HostFact(
        "Tenun Lombok Lestari",
        "Weaving",
        "hand-woven cloth",
        "Mataram",
        -8.5833,
        116.1167,
        BALI,
        "Weavers order yarn together through one phone group.",
    ),
)


@dataclass(frozen=True)
class PlanFact:
    country: str
    kind: str
    title: str
    problem: str
    goal: str
    activities: tuple[tuple[str, str, str], ...]  # what, who, first step
    indicator: tuple[str, str, int, int]  # name, unit, baseline, target


PLANS = (
    PlanFact(
        "BD",
        "finance",
        "Credit-guarantee desk for women in jute craft",
        "Women who make jute craft have no land to pledge, so banks refuse even small loans.",
        "Within a year two districts have a desk that prepares guarantee papers, and 60 women have a loan.",
        (
            (
                "Agree the guarantee form with two banks",
                "Myself and the bank's SME officer",
                "Call both branches",
            ),
            ("Train six desk officers", "District office", "List officers who speak well with women"),
            ("Open the desk one day a week in each district", "Desk officers", "Find a room near the market"),
            ("Visit every borrower after three months", "Desk officers", "Print the visit sheet"),
        ),
        ("Loans approved", "loans", 0, 60),
    ),
    PlanFact(
        "NP",
        "technology",
        "Shared laser cutter and design help for dhaka weavers",
        "Each weaver cuts templates by hand; designs repeat and buyers in the city look elsewhere.",
        "25 firms in Palpa use one laser cutter and a designer one day a week by the end of next year.",
        (
            ("Ask 20 weavers what slows them", "Myself with two students", "Write ten questions"),
            ("Find a room and a power line for the cutter", "Municipality", "Meet the ward chair"),
            (
                "Write rules and a price list for sharing",
                "Weavers' committee",
                "Copy the wall list from Bantul",
            ),
            ("Train two operators", "Technical institute", "Choose the two"),
            ("Invite three city buyers to see samples", "Myself", "Make a sample book"),
        ),
        ("Firms using the cutter", "firms", 0, 25),
    ),
    PlanFact(
        "BT",
        "markets",
        "One-village-one-product label and online shop",
        "Producers in remote valleys sell to one trader who sets the price.",
        "30 producers are listed in an online shop under one label by next summer.",
        (
            ("Choose ten products with the gewog offices", "Myself", "Write to all gewogs"),
            ("Design the label and its rules", "Handicraft agency", "Collect three examples"),
            ("Photograph products and write their stories", "Two interns", "Borrow a camera"),
            ("Agree postage with the post office", "Ministry", "Ask for a bulk price"),
        ),
        ("Producers listed", "producers", 0, 30),
    ),
    PlanFact(
        "LA",
        "standards",
        "Food hygiene coaching for chilli-paste makers",
        "Without a certificate the paste stays in village markets.",
        "15 firms hold the food hygiene certificate within twelve months.",
        (
            ("Check ten kitchens against the list", "Food inspector and I", "Translate the list to Lao"),
            ("Coach the five closest to passing", "Inspector", "Choose the five"),
            ("Buy jars together", "Women's union", "Compare three sellers"),
            ("Apply for the certificates", "Firms, with my help", "Collect the forms"),
        ),
        ("Firms certified", "firms", 2, 15),
    ),
    PlanFact(
        "MM",
        "skills",
        "Train-the-trainer on costing for lacquerware groups",
        "Groups sell below cost without knowing it.",
        "12 trainers teach costing in their own groups by the end of the year.",
        (
            ("Write a costing sheet with pictures", "Myself", "Draw the first page"),
            ("Teach it to four groups", "Myself", "Ask the Bagan groups for a date"),
            ("Choose twelve trainers", "Groups", "Agree what a trainer gets"),
            ("Visit each trainer once", "Division office", "Plan the route"),
        ),
        ("Trainers active", "trainers", 0, 12),
    ),
    PlanFact(
        "PK",
        "finance",
        "Invoice finance pilot with one bank",
        "Small suppliers wait ninety days for payment and stop buying material.",
        "100 invoices are financed in the pilot year.",
        (
            ("Find a bank that will try", "Myself", "Meet three banks"),
            ("Choose twenty suppliers", "Chamber", "Ask for invoices of last year"),
            ("Write the rules of the pilot", "Bank and I", "Take the Yogyakarta example"),
            ("Report to the ministry after six months", "Myself", "Agree the figures"),
        ),
        ("Invoices financed", "invoices", 0, 100),
    ),
    PlanFact(
        "LK",
        "technology",
        "Cinnamon dryers run on solar heat",
        "Rain spoils every third batch of cinnamon.",
        "8 solar dryers are in use in the district by the next harvest.",
        (
            ("Build one dryer with the engineering school", "School", "Send the drawing from Batu"),
            ("Measure batches for one season", "Two farms", "Buy two thermometers"),
            ("Find money for seven more", "Provincial council", "Write two pages"),
            ("Train owners to repair them", "School", "Make a repair card"),
        ),
        ("Dryers in use", "dryers", 1, 8),
    ),
    PlanFact(
        "MV",
        "environment",
        "Fish-waste to feed micro-plants",
        "Every island burns or dumps its fish waste.",
        "4 tonnes a month become feed on two islands.",
        (
            ("Weigh the waste for one month", "Island council", "Borrow a scale"),
            ("Try the Semarang recipe", "Fisheries school", "Ask the host for quantities"),
            ("Find a buyer for feed", "Myself", "Call the two farms"),
            ("Apply for the permit", "Council", "Get the form"),
        ),
        ("Waste turned to feed", "tonnes a month", 0, 4),
    ),
    PlanFact(
        "VN",
        "data",
        "SME register of one province linked to tax numbers",
        "Three offices keep three lists; nobody knows how many firms there are.",
        "90 % of records match between the lists.",
        (
            ("Compare the three lists", "Statistics office", "Get the files"),
            ("Agree one number for each firm", "Tax office", "Write the proposal"),
            ("Correct the wrong ones by phone", "Two clerks", "Write what to say"),
        ),
        ("Records matched", "%", 40, 90),
    ),
    PlanFact(
        "PG",
        "markets",
        "Bilum cooperative ready to export",
        "Buyers abroad ask for papers that no weaver has.",
        "3 export orders in the first year.",
        (
            ("Collect the papers an exporter needs", "Myself", "Visit the customs office"),
            ("Agree sizes and prices", "Cooperative", "Measure twenty bags"),
            ("Send samples to two buyers", "Cooperative", "Write to them"),
        ),
        ("Export orders", "orders", 0, 3),
    ),
    PlanFact(
        "AF",
        "skills",
        "Home-based carpet finishing course by phone",
        "Women weave at home but sell unfinished carpets at half the price.",
        "80 learners finish the course by telephone.",
        (
            ("Record ten short lessons", "Myself and two weavers", "Write the first lesson"),
            ("Find an operator that gives airtime", "Chamber", "Call two operators"),
            ("Start with twenty learners", "Teachers", "Ask the groups for names"),
            ("Agree a buyer for finished carpets", "Chamber", "Show him two carpets"),
        ),
        ("Learners finishing", "learners", 0, 80),
    ),
    PlanFact(
        "ID",
        "policy",
        "One-page permit checklist for village cosmetics makers",
        "Makers give up because each office names other papers.",
        "40 permits are issued with the checklist.",
        (
            ("Write down what each office asks", "Myself", "Visit four offices"),
            ("Bring the offices to one table", "Regent's office", "Ask for a date"),
            ("Print and share the page", "District office", "Draw the page"),
            ("Help the first ten makers", "Two officers", "Choose the ten"),
        ),
        ("Permits issued", "permits", 5, 40),
    ),
)

PROGRESS_NOTES = (
    "We began with fewer people than planned, but they come every week.",
    "The bank asked for one more paper. We wait.",
    "My director changed and the new one wants to read the plan first.",
    "Done, and two neighbours asked to join.",
    "The machine is at customs since three weeks.",
    "Roads were closed for a month, we continue now.",
)
STOP_REASONS = (
    "The money was not approved.",
    "I moved to another ministry.",
    "The bank withdrew from the pilot.",
    "The minister changed and the project was stopped.",
)
COMMENTS = (
    (
        "The visit to the shoe cluster was the best day, but we had forty minutes with six owners. "
        "Please give one full morning."
    ),
    "Interpretation was good in lectures and missing in the workshops, where it was needed.",
    (
        "The lecture on business development services changed how I see my office. "
        "We sell advice to nobody because we give it to everybody."
    ),
    "I taught costing to my section, nine people. They use the sheet every month now.",
    "Two weavers opened a shop together. Before, they did not talk.",
    "The guarantee desk works one day a week. Women come from far, so we need a second day.",
    "My plan was too big. I made it half and now it moves.",
    "Kunjungan ke koperasi sangat berguna. Saya membuat daftar harga bersama di desa saya.",
    "Materi bagus, tetapi waktu diskusi terlalu singkat.",
    "Kami sudah melatih lima belas pengrajin, tiga di antaranya sekarang menjual secara daring.",
    "Le contact avec les hôtes continue sur le téléphone, ils répondent toujours.",
    "Il faudrait plus de temps pour le plan d'action, le dernier jour était trop court.",
    "More vegetarian food, please.",
    "I would like to meet participants of other years who work on finance.",
    "We copied the colour labels for leather grades. Mistakes fell by half.",
    "Internet in my district is weak. The short page on the phone was the only one that opened.",
    "The ministry gave us a small budget because the plan had numbers in it.",
    "Nothing changed yet. The office has no transport to visit firms.",
    "Please share the recipe for fish feed again, the paper got wet.",
    "A common kiln was refused by the old potters. The young ones want it.",
    "Our dryer saved four batches in the rain season.",
    "Sertifikat kebersihan selesai dalam lima bulan, penjualan naik.",
    "I learned that a small promise that is kept is worth more than a large plan.",
    "One buyer from the capital came because of the sample book.",
)
TAGS = (
    "More time with hosts",
    "Interpretation",
    "Action plan coaching",
    "Food and lodging",
    "Money",
    "Success story",
)
REPLIES = ("2.0.0 Ok: queued as 4C1D", "2.0.0 Ok: queued as 9F02", "2.0.0 Accepted")

# How coordinators try to reach people: channel, what came of it, and their note.
ATTEMPTS = (
    ("phone", "not_reached", "Rang twice, once in the morning; nobody picked up."),
    ("messaging", "left_message", "Two ticks, not read yet."),
    ("phone", "call_again", "In the field until Thursday; please ring after four."),
    ("third_person", "spoke", "Her director says she moved to the provincial office, and will pass it on."),
    ("phone", "will_answer", "Had the mail, no time so far. Will answer on Sunday."),
    ("email", "left_message", "Wrote from my own mailbox, in two lines."),
    ("phone", "wrong_contact", "The number belongs to a shop now."),
    ("third_person", "not_reached", "The office is closed for the holidays."),
    ("messaging", "spoke", "Answered at once: the old address was closed with the project."),
    ("in_person", "will_answer", "Met at the textile fair. Glad to be asked."),
)

SUPERVISORS = (
    "Ms. Sunita Kettlewright",
    "Mr. Rahim Loomfield",
    "Dr. Aung Silverbank",
    "Mrs. Dolma Rivergate",
)
