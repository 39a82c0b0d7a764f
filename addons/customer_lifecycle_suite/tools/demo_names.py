"""Names for people who do not exist: the same ones at every run."""

import re
import unicodedata


def _words(text):
    return text.split()


FIRST = _words(
    """
    Aarav Abena Adnan Afsana Aisha Amina Ananya Anika Arif Astrid Ayesha Babul
    Camila Chen Diego Dilara Elif Emeka Farhana Farid Fatema Giulia Habib Hana Hasan
    Ingrid Ishaan Jahanara Jamal Jasmin João Kamal Karim Kenji Khadija Lamia Laila
    Lars Mahbub Mariam Mei Mehedi Mim Nadia Nasrin Nayeem Niamh Nusrat Olena Omar
    Parvin Priya Rafiq Rahim Rima Rokeya Rubel Sabrina Sadia Salma Samira Sanjay
    Shakil Shirin Sofía Sultana Tahmina Tanvir Thandiwe Tomasz Usha Viktor Wei
    Yasmin
    """
)
LAST = _words(
    """
    Ahmed Akter Alam Ali Banik Barua Begum Bhuiyan Biswas Chakma Chowdhury Costa Das
    Dey Fernández Gazi Gomes Haque Hossain Islam Jahan Kabir Khan Khatun Kowalski
    Majumder Mallik Mia Mitra Mollah Mondal Nandi Nguyen Okafor Paul Pereira Rahman
    Roy Rozario Saha Sarkar Shah Sheikh Siddique Sikdar Sultan Talukder Tripura
    Uddin Yamamoto Zaman
    """
)


def person(number):
    """Return (name, e-mail) of the ``number``-th person; nobody has another's e-mail.

    >>> person(0)
    ('Aarav Ahmed', 'aarav.ahmed.0@example.com')
    """
    # The numbers of names have no common divisor: every pair comes up once before any
    # comes up twice.
    name = f"{FIRST[number % len(FIRST)]} {LAST[number * 7 % len(LAST)]}"
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    local = re.sub(r"[^a-z]+", ".", plain.lower()).strip(".")
    return name, f"{local}.{number}@example.com"
