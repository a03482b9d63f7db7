"""Texts that degradations put in: written for this, harmless, and about nothing that prompts usually ask."""

from __future__ import annotations

ASIDES = (
    "The museum opens at ten, and tickets are sold at the north gate.",
    "My grandmother kept her buttons in a jar that had once held honey.",
    "In the second half the visitors played with ten men and still scored twice.",
    "The ferry to the island runs every hour, except on Sundays and in heavy fog.",
    "She tuned the piano by ear and never wrote down what she had done.",
    "A good umbrella lasts for years if it is dried open and not left in a corner.",
    "They painted the fence green in spring, and by autumn it looked as it had before.",
    "The library moved its maps to the third floor, where the light is better.",
    "Nobody remembered who had brought the parrot, but it knew all their names.",
    "The train stood for an hour outside the town, because a cow had sat down on the track.",
    "He collects postcards of bridges and has never crossed one of them.",
    "The orchard gives small red apples that are best in the first week of October.",
)

ABROAD: tuple[tuple[str, ...], ...] = (
    (
        "Das Museum öffnet um zehn Uhr, und die Karten gibt es am nördlichen Tor.",
        "Meine Großmutter hat ihre Knöpfe in einem Glas aufbewahrt, in dem früher Honig war.",
        "Der Zug stand eine Stunde lang vor der Stadt, weil sich eine Kuh auf das Gleis gelegt hatte.",
        "Niemand wusste, wer den Papagei mitgebracht hatte, aber er kannte alle Namen.",
        "Die Bücherei hat ihre Karten in den dritten Stock gebracht, wo das Licht besser ist.",
    ),
    (
        "Le musée ouvre à dix heures et les billets sont vendus à la porte du nord.",
        "Ma grand-mère gardait ses boutons dans un pot qui avait contenu du miel.",
        "Le train est resté une heure devant la ville, parce qu'une vache s'était couchée sur la voie.",
        "Personne ne savait qui avait apporté le perroquet, mais il connaissait tous les noms.",
        "La bibliothèque a mis ses cartes au troisième étage, où la lumière est meilleure.",
    ),
    (
        "El museo abre a las diez y las entradas se venden en la puerta del norte.",
        "Mi abuela guardaba sus botones en un tarro que antes había tenido miel.",
        "El tren estuvo una hora delante de la ciudad, porque una vaca se había sentado en la vía.",
        "Nadie sabía quién había traído el loro, pero conocía los nombres de todos.",
        "La biblioteca puso sus mapas en el tercer piso, donde la luz es mejor.",
    ),
    (
        "Музей открывается в десять часов, а билеты продают у северных ворот.",
        "Бабушка хранила пуговицы в банке, в которой раньше был мёд.",
        "Поезд стоял целый час перед городом, потому что на пути легла корова.",
        "Никто не знал, кто принёс попугая, но он помнил все имена.",
        "Библиотека перенесла карты на третий этаж, где больше света.",
    ),
    (
        "博物馆十点开门，门票在北门出售。",
        "我的奶奶把纽扣放在一个以前装蜂蜜的罐子里。",
        "火车在城外停了一个小时，因为有一头牛躺在铁轨上。",
        "没有人记得是谁带来了那只鹦鹉，可是它知道所有人的名字。",
        "图书馆把地图搬到了三楼，那里的光线更好。",
    ),
)

MIXED_IN = tuple(
    word
    for words in (
        "und die nicht Wasser über weil dann der auch morgen et dans pour jamais avec maison le toujours el agua hasta porque",
        "mañana una pero también il sempre questa perché acqua domani не потому вода завтра дом 水 明天 因为 也 房子",
    )
    for word in words.split()
)

CODE = (
    "def mean(values):\n    total = 0.0\n    for value in values:\n        total += value\n    return total / len(values)\n\n\n"
    'print(mean([1, 2, 3]))\nwith open("out.txt", "w") as file:\n    file.write(str(mean([4, 5])))',
    "const box = document.querySelector('#box');\nlet size = 10;\nbox.addEventListener('click', (event) => {\n"
    "  size += 5;\n  box.style.width = `${size}px`;\n  console.log(event.target.id, size);\n});",
    "public class Counter {\n    private int count = 0;\n\n    public void add(int step) {\n        count += step;\n    }\n\n"
    "    public int value() {\n        return count;\n    }\n}",
    "SELECT city, COUNT(*) AS shops\nFROM shops\nWHERE open = 1 AND rent < 900\nGROUP BY city\nHAVING COUNT(*) > 3\n"
    "ORDER BY shops DESC;",
    '{\n  "name": "lamp",\n  "width": 12,\n  "parts": ["shade", "foot"],\n  "price": {"value": 19.9, "currency": "EUR"},\n'
    '  "sold": false\n}',
)

REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "I cannot provide that. If there is something else I can do for you, please let me know.",
    "I'm not able to help with this request, because it could harm somebody.",
    "I must decline to answer this. Is there another way in which I can be of use?",
)
