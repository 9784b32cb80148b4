"""The tables whose target is a class.

Hashes of files stand where a stored copy of the file, of that commit, has the length
that the table and its recipe give; elsewhere only the table's own hash is checked.
"""

from __future__ import annotations

from pronghorn.datasets.recipes import (
    adult,
    dated,
    headed,
    spelt_out,
    unnumbered,
)
from pronghorn.datasets.table import Home, Table

__all__ = ["CLASSES"]

_ADULT = (
    "age,workclass,fnlwgt,education,education-num,marital-status,occupation,"
    "relationship,race,sex,capital-gain,capital-loss,hours-per-week,native-country,"
    "income"
)
_ION = ",".join([*(f"V{i}" for i in range(1, 35)), "Class"])
_PIMA = (
    "pregnancies,glucose,blood_pressure,skin_thickness,insulin,bmi,"
    "diabetes_pedigree,age,diabetes"
)
_PUBLIC_DOMAIN = '"public domain", says the README'

CLASSES = (
    Table(
        name="adult",
        rows=48842,
        columns=15,
        target="income",
        task="binary",
        source="UCI Adult, census of 1994",
        missing=("",),
        quirks=(
            "the first 32561 rows are UCI's for training, the others for testing",
            "52 rows are equal to others",
        ),
        sha256="ce5feb731adaef81b15c3dc42dbe982fec8f47700711d60760bc752b4079bf9e",
        home=Home(
            "jbrownlee/Datasets",
            "d20fcb6402ae34e653d4513b00f39257bb37ed7f",
            ("adult-train.csv", "adult-test.csv"),
            changed="names of the columns added, the two files joined, spaces and the "
            "dots after the test file's classes left out, ? made an empty cell",
            recipe=adult(_ADULT),
        ),
    ),
    Table(
        name="bank",
        rows=45211,
        columns=17,
        target="deposit",
        task="binary",
        source="UCI Bank Marketing, bank-full (there the target is y)",
        licence="MIT",
        coded="the word unknown in job, education, contact and poutcome; -1 in pdays",
        giveaways=("duration",),
        quirks=("duration, of the call, is known only after it",),
        sha256="2b100ec58183c55e10316f60f3a4433c0886d2943be7e09afc4529321c64fd60",
        home=Home(
            "pycaret/pycaret",
            "6c82988f1eaa723e8e456656d213506d88c4578c",
            ("datasets/bank.csv",),
            ("b8d271d6b9469f787614bf77c64bb9d480a8996f4e1de0e92b7fc53d7e008a59",),
        ),
    ),
    Table(
        name="covertype",
        rows=92962,
        columns=55,
        target="Cover_Type",
        task="multiclass",
        source="UCI Covertype, 16 % of its rows by chance",
        quirks=("classes 1 to 7: 48.8 % of the rows are of class 2, 0.5 % of 4",),
        sha256="e9a4dabc9c68479e5158cb60405f4ebc9de56c11ec0fd2fd734030580d567d80",
        home=Home(
            "ramp-kits/covertype",
            "5f22bd20",
            ("data/test.csv.gz",),
            changed="the ten numbers taken back from 0..1 to UCI's whole units",
            recipe=None,
        ),
    ),
    Table(
        name="credit-default",
        rows=30000,
        columns=25,
        target="default.payment.next.month",
        task="binary",
        source="UCI Default of Credit Card Clients (Yeh, Lien 2009)",
        identifiers=("ID",),
        quirks=("SEX, EDUCATION and MARRIAGE are codes",),
        sha256="f7b7d22d1f8dd27dadb25d4b78d8a4ae7c441ab6cc12d1ea58c0efc54d4d1788",
        home=Home(
            "nbgraham/SL-Loan-Default",
            "594b9af682b5fd052f65a87dc08315ecb347b513",
            ("UCI_Credit_Card.csv",),
            ("e3d893c1b4a9dc73220d01e18975ea04adb79fd8e0cebed1aea739e77797224e",),
        ),
    ),
    Table(
        name="german-credit",
        rows=1000,
        columns=21,
        target="default",
        task="binary",
        source="UCI Statlog German credit, its codes spelt out",
        licence=_PUBLIC_DOMAIN,
        coded="the word unknown in checking_balance and savings_balance",
        quirks=(
            "default is 1 for good and 2 for bad",
            "the target is column 17, not the last",
        ),
        sha256="5c9906df163beb8c7d9c497146d3bdf210c4816401f32b488d6c10fcbff0d048",
        home=Home(
            "stedy/Machine-Learning-with-R-datasets",
            "d75c974b0ac6733791eb254e4cfc9608195688eb",
            ("credit.csv",),
            ("5c9906df163beb8c7d9c497146d3bdf210c4816401f32b488d6c10fcbff0d048",),
        ),
    ),
    Table(
        name="heart",
        rows=303,
        columns=14,
        target="AHD",
        task="binary",
        source="UCI Heart (Cleveland), from the book ISLR",
        licence="MIT",
        missing=("NA",),
        sha256="8dbe7171a1eb5825a168ba76fd89f63ae156f55b62edfff567bfd9879aa31d73",
        home=Home(
            "JWarmenhoven/ISLR-python",
            "8ebc1f9c15989ffa6b7d4e2dc69b505e078a0fbf",
            ("Notebooks/Data/Heart.csv",),
            ("08f999b47f95280c3eb61df409eb127424fc2407dc2ec96c7389fbd9563e213f",),
            changed="the rows' numbers and the quotation marks left out",
            recipe=unnumbered,
        ),
    ),
    Table(
        name="higgs",
        rows=10984,
        columns=29,
        target="label",
        task="binary",
        source="UCI HIGGS, a sample",
        licence="Apache-2.0",
        sha256="21f8b95e4aaed9e631a76d69c724bb0ca94456bc1ac01e18fd81b968dd3c9724",
        home=Home(
            "sassoftware/sas-viya-workbench-examples",
            "6a96e990172cd4c60572ba033633a9605b6b751a",
            ("data/higgs.csv",),
            ("21f8b95e4aaed9e631a76d69c724bb0ca94456bc1ac01e18fd81b968dd3c9724",),
        ),
    ),
    Table(
        name="hotel",
        rows=119390,
        columns=32,
        target="is_canceled",
        task="binary",
        source="Antonio and others 2019; TidyTuesday of 2020-02-11",
        missing=("NULL", "NA"),
        giveaways=("reservation_status", "reservation_status_date"),
        quirks=(
            "31994 rows are equal to others",
            "adr has a -6.38 and a 5400",
        ),
        sha256="7c2ae42a7353905ea136e5c2287f17c92c5435826598bfbb8491c6f0c7b1fc06",
        home=Home(
            "ChakrabortyJoy/Exploratory-Data-Analysis-on-Hotel-Booking",
            "af27da935216cd97c3792ae15a9daa509894f0db",
            ("hotel_bookings.csv.zip",),
            changed="reservation_status_date as year-month-day",
            recipe=dated,
        ),
    ),
    Table(
        name="ion",
        rows=351,
        columns=35,
        target="Class",
        task="binary",
        source="UCI Ionosphere",
        quirks=("V2 is 0 in every row",),
        sha256="398a5462d4632ec4c91c743918645d455206eb62c14db493cab2233f3f38f362",
        home=Home(
            "jbrownlee/Datasets",
            "a8229c90a131a53c58be9027e047e6a74f11a264",
            ("ionosphere.csv",),
            ("fd6dd7864b55d56dac0a1e6e24af9ccc35bf2555ac79af8ab9f3d1daa065ab83",),
            changed="names of the columns added, g and b written good and bad",
            recipe=spelt_out(_ION, g="good", b="bad"),
        ),
    ),
    Table(
        name="iris",
        rows=150,
        columns=5,
        target="species",
        task="multiclass",
        source="Fisher 1936, from UCI",
        quirks=("1 row is equal to another",),
        sha256="9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355",
        home=Home("mwaskom/seaborn-data", "71e2436a", ("iris.csv",)),
    ),
    Table(
        name="mushroom",
        rows=8124,
        columns=23,
        target="type",
        task="binary",
        source="UCI Mushroom",
        licence=_PUBLIC_DOMAIN,
        missing=("?",),
        quirks=(
            "the target is the first column",
            "veil_type is the same in every row",
        ),
        sha256="758f8af700c43b5dec249e83c97ecf239daf2f6fb8c0b9dd6a25fd47e7dd3311",
        home=Home(
            "stedy/Machine-Learning-with-R-datasets", "ff933238", ("mushrooms.csv",)
        ),
    ),
    Table(
        name="penguins",
        rows=344,
        columns=7,
        target="species",
        task="multiclass",
        source="palmerpenguins",
        missing=("",),
        sha256="e07636bd8af74260099ea2f8678e2eabbf35def579940cc76f67061ee16c06c1",
        home=Home("mwaskom/seaborn-data", "71e2436a", ("penguins.csv",)),
    ),
    Table(
        name="pima",
        rows=768,
        columns=9,
        target="diabetes",
        task="binary",
        source="NIDDK, from UCI",
        coded="0 in glucose, blood_pressure, skin_thickness, insulin and bmi",
        sha256="80cf8121bde9c301a96866466e6d23e7ba5db9fb0cd58dde5297eb6ec1d3218f",
        home=Home(
            "jbrownlee/Datasets",
            "d20fcb6402ae34e653d4513b00f39257bb37ed7f",
            ("pima-indians-diabetes.csv",),
            changed="names of the columns added",
            recipe=headed(_PIMA),
        ),
    ),
    Table(
        name="susy",
        rows=10000,
        columns=19,
        target="SUSY",
        task="binary",
        source="UCI SUSY, a sample",
        quirks=(
            "the target is the first column",
            "spaces and brackets in the columns' names",
        ),
        sha256="fcc3dc538e002d39dc5e795ef92bbe3d300cd562af53a70275af0eb34fb84c06",
        home=Home(
            "victorgarbit/PHYS467-Assignement1",
            "0bcc63173f825d87a2631c4bf9904c8f5f461850",
            ("susy_small.csv",),
            ("fcc3dc538e002d39dc5e795ef92bbe3d300cd562af53a70275af0eb34fb84c06",),
        ),
    ),
    Table(
        name="telco-churn",
        rows=7043,
        columns=21,
        target="Churn",
        task="binary",
        source="IBM's sample data",
        licence="Apache-2.0",
        missing=(" ",),
        identifiers=("customerID",),
        quirks=("TotalCharges is missing where tenure is 0",),
        sha256="16320c9c1ec72448db59aa0a26a0b95401046bef5d02fd3aeb906448e3055e91",
        home=Home(
            "IBM/telco-customer-churn-on-icp4d",
            "d5371f5d",
            ("data/Telco-Customer-Churn.csv",),
        ),
    ),
    Table(
        name="titanic",
        rows=891,
        columns=12,
        target="Survived",
        task="binary",
        source="Kaggle Titanic, its training rows",
        missing=("",),
        identifiers=("PassengerId", "Name", "Ticket"),
        quirks=("commas in Name, which is quoted",),
        sha256="14769fb1850e2d26d8e6db0ee49c213878040432827e39b13caaa15603c6598f",
        home=Home(
            "ageron/data",
            "2ea73147454d2ff8c8a933913be4606f05b352ca",
            ("titanic/train.csv",),
        ),
    ),
)
