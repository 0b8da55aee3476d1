"""Speeches in other languages, written for the tests: sentence ends and words without spaces."""

from goviral.engine.transcripts.document import Sentence, Transcript

_SENTENCES = {
    "de": (
        "Gestern habe ich meiner Mutter endlich die Wahrheit gesagt.",
        "Und sie hat nur gelacht!",
        "Warum haben wir eigentlich so viel Angst vor Fehlern?",
        "Der Bericht beschreibt die Zuständigkeiten der einzelnen Abteilungen.",
        "Das Verfahren wird jährlich überprüft und angepasst.",
        "Er hat zwei Millionen Euro in einer Nacht verloren.",
        "Niemand hat mir geglaubt, aber ich war mir völlig sicher.",
        "Die Sitzung wurde auf den nächsten Monat verschoben.",
    ),
    "es": (
        "Ayer le dije por fin la verdad a mi madre.",
        "¡Y ella solo se rió!",
        "¿Por qué tenemos tanto miedo de los errores?",
        "El informe describe las competencias de cada departamento.",
        "El procedimiento se revisa y se adapta cada año.",
        "Ella perdió dos millones de euros en una sola noche.",
        "Nadie me creyó, pero yo estaba completamente seguro.",
        "La reunión se aplazó hasta el mes siguiente.",
    ),
    "ja": (
        "昨日、私はついに母に本当のことを話しました。",
        "でも母は笑っただけでした。",
        "なぜ私たちは失敗をこんなに怖がるのでしょうか？",
        "報告書は各部門の担当を説明しています。",
        "手続きは毎年見直されます。",
        "一晩で百万円を失いました。",
        "誰も信じませんでしたが、私は確信していました。",
        "会議は来月に延期されました。",
    ),
    "ar": (
        "أخبرت أمي بالحقيقة أخيرا يوم أمس.",
        "لكنها ضحكت فقط.",
        "لماذا نخاف من الأخطاء إلى هذا الحد؟",
        "يصف التقرير مهام كل قسم من الأقسام.",
        "تتم مراجعة الإجراءات كل عام.",
        "خسر مليون دولار في ليلة واحدة.",
        "لم يصدقني أحد وكنت واثقا تماما.",
        "تأجل الاجتماع إلى الشهر القادم.",
    ),
}
LANGUAGES = tuple(_SENTENCES)
_LENGTH_MS = 4_300


def speech(language: str, sentences: int = 160) -> Transcript:
    """About twelve minutes in `language`; no two stretches are alike."""
    texts = _SENTENCES[language]
    order = [texts[(at * at // 3 + at) % len(texts)] for at in range(sentences)]
    return Transcript(
        tuple(
            Sentence(at, text, at * 4_500, at * 4_500 + _LENGTH_MS) for at, text in enumerate(order)
        ),
        (),
        language,
        "made",
    )
