"""Invented names to draw a school from: given names and surnames that go together, weighted by how often they occur."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NamePool:
    weight: int
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    mothers: tuple[str, ...]
    fathers: tuple[str, ...]
    surnames: tuple[tuple[str, str], ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _surnames(text: str) -> tuple[tuple[str, str], ...]:
    """Split "van den|Berg, Bakker" into (prefix, surname) pairs."""
    pairs = [name.strip().partition("|") for name in text.split(",")]
    return tuple((left, right) if bar else ("", left) for left, bar, right in pairs)


POOLS = (
    NamePool(
        weight=54,
        girls=_words(
            "Julia Tess Saar Fleur Evi Lieke Roos Nora Fenna Jasmijn Floor Puck Elin Isa Liv Maud Sofie Veerle Lotte"
        ),
        boys=_words(
            "Daan Sem Finn Luuk Bram Mees Teun Gijs Jesse Thijs Siem Hugo Lars Stijn Jurre Boaz Tijn Abel Joep Pim"
        ),
        mothers=_words(
            "Marieke Linda Annelies Esther Sanne Ilse Manon Kim Judith Wendy Femke Nienke Daphne Mirjam Carla Elske"
        ),
        fathers=_words(
            "Jeroen Mark Pieter Bas Sander Wouter Erik Martijn Niels Rob Arjan Dennis Koen Maarten Tim Gerben"
        ),
        surnames=_surnames(
            "Bakker, Visser, Smit, de|Boer, van|Dijk, van den|Berg, Mulder, Bos, de|Groot, Postma, Hoekstra, Veenstra,"
            "Dijkstra, van der|Meer, Kuiper, Prins, Huisman, van|Loon, ter|Horst, Wolters, Kok, Timmer, in 't|Veld,"
            "van der|Heide, Brouwer, van 't|Hoff, Schipper, Blom, Terpstra, Oosterhuis, Wiersma, Koning"
        ),
    ),
    NamePool(
        weight=11,
        girls=_words("Noor Yasmina Safae Aya Imane Lina Hafsa Salma Inaya Dina"),
        boys=_words("Adam Ilyas Yassin Bilal Amin Zakaria Anas Rayan Sami Nabil"),
        mothers=_words("Karima Fatima Naima Hanan Samira Latifa Nadia Ikram"),
        fathers=_words("Said Rachid Mohamed Hassan Youssef Khalid Omar Mustapha"),
        surnames=_surnames(
            "Bouzid, El|Amrani, Benali, Ouali, Haddou, El|Idrissi, Chaoui, Azzouzi, Tahiri, Mansouri, Lahlou"
        ),
    ),
    NamePool(
        weight=10,
        girls=_words("Elif Defne Zeynep Azra Ela Nehir Ceylin Ecrin Duru"),
        boys=_words("Yusuf Emir Kerem Deniz Ömer Eymen Çınar Arda Mert"),
        mothers=_words("Ayşe Emine Hülya Sevgi Gülay Derya Özlem Songül"),
        fathers=_words("Mehmet Ali İbrahim Murat Hakan Serkan Orhan Cem"),
        surnames=_surnames("Yıldız, Öztürk, Kaya, Demir, Şahin, Aydın, Koç, Çelik, Arslan, Güneş"),
    ),
    NamePool(
        weight=8,
        girls=_words("Zofia Maja Lena Oliwia Hania Pola Iga"),
        boys=_words("Jakub Szymon Antoni Filip Kacper Tymon Borys"),
        mothers=_words("Agnieszka Katarzyna Małgorzata Joanna Ewa Dorota"),
        fathers=_words("Tomasz Marcin Łukasz Paweł Krzysztof Grzegorz"),
        surnames=_surnames("Nowak, Wójcik, Mazur, Zając, Kaczmarek, Wróbel, Pawlak, Sikora"),
    ),
    NamePool(
        weight=7,
        girls=_words("Lamar Sidra Jana Rimas Nour Maryam Hala"),
        boys=_words("Karam Omar Zain Majd Laith Jad Tarek"),
        mothers=_words("Rasha Hiba Manal Rania Abeer Lubna"),
        fathers=_words("Ahmad Khaled Bashar Anwar Nizar Fadi"),
        surnames=_surnames("Al|Hamwi, Darwish, Khoury, Al|Sayed, Haddad, Nasser, Sabbagh, Kassab"),
    ),
    NamePool(
        weight=6,
        girls=_words("Shanaya Kiara Naomi Anjali Zoë Jaylinn Rosalie"),
        boys=_words("Jayden Dion Kenzo Ryan Rishi Giovanni Miquel"),
        mothers=_words("Sharmila Cheryl Radha Mavis Urmila Sylvana"),
        fathers=_words("Winston Ricardo Ashwin Orlando Dennis Rakesh"),
        surnames=_surnames("Ramdin, Pinas, Kalpoe, Zeefuik, Jagesar, Wijngaarde, Sewnath, Blokland"),
    ),
    NamePool(
        weight=4,
        girls=_words("Mila Anastasia Selam Grace Mei Ruta Olena"),
        boys=_words("Danylo Noah Kofi Wei Filmon Kwame Artem"),
        mothers=_words("Oksana Abeba Ama Xin Tsega Iryna"),
        fathers=_words("Andriy Tesfay Kwabena Jun Samuel Serhiy"),
        surnames=_surnames("Shevchuk, Tekle, Mensah, Lin, Ghebre, Koval, Owusu"),
    ),
)
