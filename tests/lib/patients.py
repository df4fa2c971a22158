"""Made-up patients to publish, and rows of a table as dictionaries."""

from __future__ import annotations

import numpy as np

PEOPLE = 400
CITIES = [["Oslo", "Norway"], ["Bergen", "Norway"], ["Lyon", "France"], ["Paris", "France"], ["Vaduz", "Liechtenstein"]]
DISEASES = ["flu", "asthma", "diabetes", "cancer"]


def made_up_people():
    """(name, age, city, sex, disease, salary); Vaduz is rare, the old are rare, cancer grows with age."""
    chance = np.random.default_rng(7)
    people = []
    for number in range(PEOPLE):
        age = int(np.clip(chance.normal(45, 14), 20, 89))
        city = CITIES[int(chance.choice(5, p=[0.3, 0.25, 0.25, 0.19, 0.01]))][0]
        disease = DISEASES[int(chance.choice(4, p=[0.5, 0.3, 0.15, 0.05] if age < 60 else [0.1, 0.1, 0.2, 0.6]))]
        people.append((f"name {number}", age, city, str(chance.choice(["F", "M"])), disease, 1000 * (age // 3)))
    return people


def rows_of(warehouse, table):
    with warehouse.connect("read") as connection:
        cursor = connection.execute(f"select * from {table}")
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]
