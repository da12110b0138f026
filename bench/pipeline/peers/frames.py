"""The job with pandas: python3 frames.py IN OUT [KEY in hex]"""
import hmac
import sys

import pandas as pd

source, target, *key = sys.argv[1:]
key = bytes.fromhex(key[0]) if key else None
names = ["reported_on", "force", "category", "outcome", "nhs_number", "age", "gender", "ethnicity", "postcode"]
first = True
for part in pd.read_csv(source, dtype=str, keep_default_na=False, usecols=names, chunksize=500_000):
    part = part[names].copy()
    part["reported_on"] = part["reported_on"].str.slice(0, 7)
    age = part["age"].astype(int)
    low = age - age % 10
    part["age"] = low.astype(str) + "-" + (low + 9).astype(str)
    part["postcode"] = part["postcode"].str.slice(0, -3).str.rstrip()
    if key:
        part["nhs_number"] = [hmac.digest(key, value.encode(), "sha256").hex() for value in part["nhs_number"]]
    part.to_csv(target, mode="w" if first else "a", header=first, index=False, lineterminator="\n")
    first = False
