"""The words of our field in the languages that people write: beginnings of words that mean the same thing.

Words that no line knows are compared by their stems, within one language.
"""

from collections.abc import Mapping

MEANING: Mapping[str, str] = {
    "visit": "visit visite kunjung mengunjungi dikunjungi بازدید",
    "workshop": "workshop atelier bengkel کارگاه",
    "factory": "factor usine pabrik فابریکه",
    "host": "host hôte tuan میزبان",
    "interpretation": "interpret interprèt traduc tradui translat terjemah penerjemah menerjemah ترجم",
    "loan": "loan prêt credit crédit pinjam kredit قرض",
    "bank": "bank banque بانک",
    "collateral": "collateral garant agunan jaminan ضمانت",
    "money": "budget financ fund capital modal anggaran dana pembiayaan بودجه",
    "training": "train formation formé former forment formateur pelatih melatih latih teach taught آموز",
    "colleague": "colleague collègue rekan staf همکار",
    "officer": "officer agent penyuluh petugas مامور",
    "material": "material materi handout slide diapositive document dokumen modul module présentation مواد",
    "lecture": "lectur cours kuliah ceramah conférence درس",
    "time": "time temps waktu durasi short longer court singkat وقت",
    "discussion": "discuss diskusi question pertanyaan بحث",
    "food": "food repas makan meal lunch déjeuner breakfast sarapan vegetar végétar halal غذا",
    "hotel": "hotel hôtel room kamar chambre penginapan هوتل",
    "sale": "sale sold sell vente vend jual penjual menjual dijual market marché pasar pemasar فروش",
    "buyer": "buyer acheteur pembeli customer client pelanggan خریدار",
    "fair": "fair exhibition foire salon pameran نمایشگاه",
    "online": "online internet ligne daring انترنت",
    "alumni": "alumni alumn ancien فارغ",
    "contact": "contact kontak network réseau jejaring تماس",
    "machine": "machine mesin équipement equipment ماشین",
    "supervisor": "supervisor boss chef superviseur atasan pimpinan آمر",
    "policy": "policy policies regulation politique règlement kebijakan peraturan پالیسی",
    "women": "women woman femme perempuan wanita ibu-ibu زن",
    "price": "price cost prix coût harga biaya costing قیمت",
    "transport": "transport bus car voiture angkutan ترانسپورت",
    "plan": "plan rencana پلان",
}
BEGINNINGS: Mapping[str, str] = {
    beginning: meaning for meaning, words in MEANING.items() for beginning in words.split()
}
SHORTEST, LONGEST = min(map(len, BEGINNINGS)), max(map(len, BEGINNINGS))


def meaning_of(word: str) -> str | None:
    """By the longest beginning that is known."""
    return next(
        (
            BEGINNINGS[word[:size]]
            for size in range(min(len(word), LONGEST), SHORTEST - 1, -1)
            if word[:size] in BEGINNINGS
        ),
        None,
    )
