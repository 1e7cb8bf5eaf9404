"""Invented copy and the pages around it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from dedup.model import RAW

STORY = [
    "The harbour council of Port Elder has approved a second tidal gate after a winter in which the sea came over "
    "the quay four times, its chairwoman Ines Calder said.",
    "The gate, which will stand 140 metres downstream of the first, is expected to cost 92 million crowns and to be "
    "finished before the spring tides of the year after next.",
    'Calder told reporters that "nobody on this council wants to explain a fifth flood", adding that the fishing '
    "fleet would keep its passage throughout the works.",
    "Opponents in the upper town argue that the money should go to pumps, which the engineers' report had put at a "
    "third of the price, Coastline news agency reported.",
    "The council voted by eleven to four, with two members of the governing party abstaining and one leaving the "
    "chamber before the count.",
    "Work on the foundations begins in March, when the shipping lane is closed for dredging in any case, according "
    "to the port authority.",
]

PAGE = """Home
Ports
Epaper

Port Elder votes for a second tidal gate

By IANS | Updated: March 4, 2031 06:40 IST

Port Elder, March 4 The harbour council of Port Elder has approved a second tidal gate after ...

Open in App

Port Elder, March 4 {}

{}

{}

{}

{}

{}

Disclaimer: This post has been auto-published from an agency feed without any modifications to the text and has not \
been reviewed by an editor

Open in App

Related Stories

CricketVarun Ashtekar to miss second Test with hamstring injury

BusinessHerring prices at a ten-year high as quotas bite

EntertainmentFilm on lighthouse keepers wins at Marlow festival

WeatherGale warning for the outer isles from Tuesday""".format(*STORY)

HINDI = [
    "राज्य के जल संसाधन विभाग ने बुधवार को बताया कि नई नहर का पहला चरण अगले महीने पूरा हो जाएगा और किसानों को पानी मिलने लगेगा।",
    "विभाग के सचिव ने कहा कि इस परियोजना पर अब तक लगभग तीन सौ करोड़ रुपये खर्च हो चुके हैं और शेष काम समय पर पूरा होगा।",
    "स्थानीय किसानों ने इस फैसले का स्वागत किया है, हालांकि कुछ गांवों ने मुआवजे की राशि पर फिर से विचार करने की मांग की है।",
]

HINDI_PAGE = """होम
देश
खेल
मनोरंजन

नई नहर का पहला चरण अगले महीने पूरा होगा

नई दिल्ली, 3 नवंबर (आईएएनएस)। {}

{}

यह भी पढ़ें: बारिश से फसल को राहत

{}

शेयर करें

संबंधित खबरें

बारिश से फसल को राहत

मंडी में गेहूं के भाव बढ़े

स्कूलों में छुट्टियां घोषित""".format(*HINDI)


def raw(text: str, kind: str = "text", **fields: Any) -> dict[str, Any]:
    return {"id": "a", "kind": kind, "text": text, **fields}


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), RAW)
