# Made once with openpyxl 3.1.5 and XlsxWriter 3.3.1 (both from PyPI): workbooks by other people's tools.
from datetime import date, datetime, time

import openpyxl
import xlsxwriter

book = openpyxl.Workbook()
notes = book.active
notes.title = "Notes"
notes.sheet_state = "hidden"
notes.append(["hidden"])
people = book.create_sheet("People")
people.append(["name", "born", "seen", "at", "cost", "big", "open", "note", "share"])
people.append(["Zoë O’Brien", date(1999, 12, 31), datetime(2024, 6, 30, 23, 30), time(7, 5), 45.3, 123456789012345, True, "  =1+1, \"x\"\nnext", 0.25])
people.append(["Amina", date(1900, 1, 31), datetime(2024, 6, 30), time(23, 59, 59), 1e-7, 1e21, False, "_x0041_", None])
people.append([])
people.append(["Dan", None, None, None, -3, 0, None, "merged", 1])
people.merge_cells("H5:I5")
people["I2"].number_format = "0%"
people["E2"].number_format = '"day" £#,##0.00'
book.save("openpyxl.xlsx")

formulas = openpyxl.Workbook()
formulas.active.append(["a", "b"])
formulas.active.append([1, "=A2+1"])
formulas.save("openpyxl-not-calculated.xlsx")

book = xlsxwriter.Workbook("xlsxwriter.xlsx", {"date_1904": True})
sheet = book.add_worksheet("Data")
bold = book.add_format({"bold": True})
day = book.add_format({"num_format": "[$-809]dd mmmm yyyy;@"})
hours = book.add_format({"num_format": "[h]:mm"})
sheet.write_row(0, 0, ["text", "day", "hours", "sum", "word", "error"])
sheet.write_rich_string(1, 0, "plain ", bold, "bold", " plain")
sheet.write_datetime(1, 1, datetime(2024, 2, 29), day)
sheet.write_number(1, 2, 1.25, hours)
sheet.write_formula(1, 3, "=1+2", None, 3)
sheet.write_formula(1, 4, '="a"&"b"', None, "ab")
sheet.write_formula(1, 5, "=1/0", None, "#DIV/0!")
book.close()
