"""The job with Python's csv module: python3 plain.py IN OUT [KEY in hex]"""
import csv
import hmac
import sys

source, target, *key = sys.argv[1:]
key = bytes.fromhex(key[0]) if key else None
with open(source, newline="", encoding="utf-8") as given, open(target, "w", newline="", encoding="utf-8") as made:
    rows = csv.DictReader(given)
    out = csv.writer(made, lineterminator="\n")
    out.writerow(["reported_on", "force", "category", "outcome", "nhs_number", "age", "gender", "ethnicity", "postcode"])
    for row in rows:
        age = int(row["age"])
        nhs = row["nhs_number"]
        out.writerow([
            row["reported_on"][:7], row["force"], row["category"], row["outcome"],
            hmac.digest(key, nhs.encode(), "sha256").hex() if key else nhs,
            f"{age - age % 10}-{age - age % 10 + 9}", row["gender"], row["ethnicity"], row["postcode"][:-3].rstrip(),
        ])
