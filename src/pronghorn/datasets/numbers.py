"""The tables whose target is a number.

Hashes of files stand where a stored copy of the file, of that commit, has the length
that the table and its recipe give; elsewhere only the table's own hash is checked.
"""

from __future__ import annotations

from pronghorn.datasets.recipes import headed, renamed, unnumbered, unzipped
from pronghorn.datasets.table import Home, Table

__all__ = ["NUMBERS"]

_WINE = (
    "fixed acidity,volatile acidity,citric acid,residual sugar,chlorides,"
    "free sulfur dioxide,total sulfur dioxide,density,pH,sulphates,alcohol,quality"
)
_ABALONE = (
    "sex,length,diameter,height,whole_weight,shucked_weight,viscera_weight,"
    "shell_weight,rings"
)
_R_DATA = "GPL-3 for the repository; it leaves open what holds for the data"

NUMBERS = (
    Table(
        name="abalone",
        rows=4177,
        columns=9,
        target="rings",
        task="regression",
        source="UCI Abalone",
        quirks=("a height of 0 in 2 rows",),
        sha256="b36baf97dbcb1ae8d70ae95dd06794ce7878aef96cefc29cd0c8ca0fd9f8aee1",
        home=Home(
            "jbrownlee/Datasets",
            "a8229c90a131a53c58be9027e047e6a74f11a264",
            ("abalone.csv",),
            ("eb2de13be807e9bb9ec4128b9c89b98ab23d7739121cfd17b7dde69b46ba7bf6",),
            changed="names of the columns added",
            recipe=headed(_ABALONE),
        ),
    ),
    Table(
        name="ames",
        rows=2930,
        columns=74,
        target="Sale_Price",
        task="regression",
        source="De Cock 2011, as cleaned for R's modeldata",
        licence=_R_DATA,
        quirks=(
            "the word None is a level of Mas_Vnr_Type and of Misc_Feature",
            "Sale_Type has the level 'WD ', with a space",
        ),
        sha256="81129a3e3e7338f37122e568f0cc4079aceaeb084763ed2251aa3fc80f296ed3",
        home=Home(
            "vincentarelbundock/Rdatasets",
            "cc03c29690889dbe83089f5206e2422db8c3f71f",
            ("csv/modeldata/ames.csv",),
            ("500eea48e9175223a10ac7ccbc4d57b79693d4a1132628b6269c7c781e974141",),
            changed="the rows' numbers left out",
            recipe=unnumbered,
        ),
    ),
    Table(
        name="bike",
        rows=17379,
        columns=17,
        target="cnt",
        task="regression",
        source="UCI Bike Sharing, by the hour",
        identifiers=("instant",),
        giveaways=("casual", "registered"),
        quirks=("cnt is casual + registered",),
        sha256="b03a2d02e8c10f435c43c7f0b358b7e34a003afea53dbc37f0183f2763295133",
        home=Home(
            "IAA-Faculty/statistical_foundations", "6f472c88", ("hourly_bike.csv",)
        ),
    ),
    Table(
        name="california",
        rows=20640,
        columns=10,
        target="median_house_value",
        task="regression",
        source="census of 1990 (Pace, Barry 1997, StatLib), as changed by Géron",
        missing=("",),
        quirks=("the target is capped: 500001 in 965 rows",),
        sha256="2364609dc48bec7df3ba9dbb7041478e704ecddcee70ef1827ec3fc49d22c0cc",
        home=Home(
            "ageron/data",
            "2ea73147454d2ff8c8a933913be4606f05b352ca",
            ("housing/housing.csv",),
        ),
    ),
    Table(
        name="cereal",
        rows=77,
        columns=16,
        target="rating",
        task="regression",
        source='Kaggle "80 Cereals", from StatLib',
        coded="-1 in carbo (1), sugars (1) and potass (2)",
        identifiers=("name",),
        quirks=("calories from sugars is an exercise too",),
        sha256="80fc54a8a65664eb8005ce70dd95b82e7bda5a156962d5e7c1b0469e5f217500",
        home=Home(
            "aryaagohad/Arya_Atul_Gohad-Cereal_Data",
            "c10f8af4f837ab6b83a1ef64b49b6af3a104af41",
            ("cereal.csv",),
            ("adac85516a90939c0ba3411284371351170094b8192bdfe9e56ec41182da440d",),
            changed="the columns category and value have their names type and rating "
            "back",
            recipe=renamed(category="type", value="rating"),
        ),
    ),
    Table(
        name="concrete",
        rows=1030,
        columns=9,
        target="compressive_strength",
        task="regression",
        source="UCI Concrete (Yeh 1998), from R's modeldata",
        licence=_R_DATA,
        quirks=("25 rows are equal to others",),
        sha256="c2690f237285ede14fa54fe05dbe6a83ce510f65de6a8c5f8cafd6cefd9f38e2",
        home=Home(
            "vincentarelbundock/Rdatasets",
            "cc03c29690889dbe83089f5206e2422db8c3f71f",
            ("csv/modeldata/concrete.csv",),
            ("8882c9faa0ee78caf4a8f67438b90325bc7cd7f823fe7ab89d3bd5e7ae3ceddf",),
            changed="the rows' numbers left out",
            recipe=unnumbered,
        ),
    ),
    Table(
        name="diamonds",
        rows=53940,
        columns=10,
        target="price",
        task="regression",
        source="R's ggplot2",
        coded="0 in x, y or z, in 20 rows",
        quirks=(
            "cut, color and clarity are ordered",
            "146 rows are equal to others",
        ),
        sha256="9574730b03aba241d899c4a97511c5061b19358fab89510774fb6c24168345c4",
        home=Home("mwaskom/seaborn-data", "71e2436a", ("diamonds.csv",)),
    ),
    Table(
        name="fuel",
        rows=1107,
        columns=14,
        target="FE",
        task="regression",
        source="fueleconomy.gov of the EPA, cars of 2010",
        quirks=(
            "FE is miles for each gallon",
            "186 rows are equal to others",
        ),
        sha256="15626be3be2aa1043518a33a6665393713bcfeca1dd4655d958253e478730811",
        home=Home(
            "IAA-Faculty/statistical_foundations",
            "916a96073f2b9f4e3e1d8cced66b9fc67f793b78",
            ("cars2010.csv",),
            ("15626be3be2aa1043518a33a6665393713bcfeca1dd4655d958253e478730811",),
        ),
    ),
    Table(
        name="house-prices",
        rows=1460,
        columns=81,
        target="SalePrice",
        task="regression",
        source="Kaggle House Prices, its training rows: half of Ames",
        licence="MIT",
        missing=("NA",),
        identifiers=("Id",),
        quirks=(
            "the word None is a level of MasVnrType",
            "NA in Alley, PoolQC, Fence, MiscFeature and others means that the house "
            "has none",
        ),
        sha256="1e18addf81e5e4d347cc17ee6075bbe4a42b7fa26b9e5b063e8f692a5f929d41",
        home=Home("pycaret/pycaret", "14fe5a8e", ("datasets/house.csv",)),
    ),
    Table(
        name="mpg",
        rows=398,
        columns=9,
        target="mpg",
        task="regression",
        source="UCI Auto MPG",
        missing=("",),
        identifiers=("name",),
        sha256="c14b8b855ea7ee86cb9736bf8caaf281c4685ca08826f3eb2acaccaaf40f0d5a",
        home=Home(
            "mwaskom/seaborn-data",
            "2fae127e7dfdb4080e82396c47194c3acb22c86f",
            ("mpg.csv",),
            ("c14b8b855ea7ee86cb9736bf8caaf281c4685ca08826f3eb2acaccaaf40f0d5a",),
        ),
    ),
    Table(
        name="red-wine",
        rows=1599,
        columns=12,
        target="quality",
        task="regression",
        source="UCI Wine Quality (Cortez 2009)",
        quirks=(
            "quality is a whole number from 3 to 8",
            "240 rows are equal to others",
            "spaces in the columns' names",
        ),
        sha256="d22f4f11db0456ff21745d2fa96d26fa348a8cdb889efda65bde802085be45fd",
        home=Home(
            "jbrownlee/Datasets",
            "91d19aca5be094c329211e0ce0912c607d6eb114",
            ("winequality-red.csv",),
            ("c9614512e980f1cbd221c796daa97f00c4898c3cd1716863abac60f6cd1a522e",),
            changed="names of the columns added",
            recipe=headed(_WINE),
        ),
    ),
    Table(
        name="spotify",
        rows=32833,
        columns=23,
        target="track_popularity",
        task="regression",
        source="TidyTuesday of 2020-01-21, by spotifyr",
        missing=("NA",),
        identifiers=("track_id", "track_album_id", "playlist_id"),
        groups=("track_id", "track_artist"),
        quirks=(
            "28356 tracks in 32833 rows",
            "playlist_genre, of 6 classes, is another target",
            "text that is not ASCII",
        ),
        sha256="9902920cfe4940f0914ebb6716801a42f7f19ac88fbd6693eaae7e2822b16845",
        home=Home(
            "mustafaamahmoudm74/Spotify",
            "30491628adf01f7cb47a33ae74ca328f716ba393",
            ("spotify_songs.zip",),
            recipe=unzipped,
        ),
    ),
    Table(
        name="white-wine",
        rows=4898,
        columns=12,
        target="quality",
        task="regression",
        source="UCI Wine Quality (Cortez 2009)",
        quirks=(
            "quality is a whole number from 3 to 9",
            "937 rows are equal to others",
            "spaces in the columns' names",
        ),
        sha256="d99ea899f7ea892b717e34b0b6eaca33244c52d0d038dc4fcb6c728a64842562",
        home=Home(
            "jbrownlee/Datasets",
            "91d19aca5be094c329211e0ce0912c607d6eb114",
            ("winequality-white.csv",),
            ("659d419fff887f225bf977d20520bb64a64cae203e460087f809721d4430ba27",),
            changed="names of the columns added",
            recipe=headed(_WINE),
        ),
    ),
)
