/** Scripts that say which language it is, or the most common one of them. */
const scripts: readonly (readonly [language: string, pattern: RegExp])[] = [
  ["ja", /[\u3040-\u30ff]/g],
  ["ko", /\p{Script=Hangul}/gu],
  ["zh", /\p{Script=Han}/gu],
  ["ru", /\p{Script=Cyrillic}/gu],
  ["el", /\p{Script=Greek}/gu],
  ["ar", /\p{Script=Arabic}/gu],
  ["he", /\p{Script=Hebrew}/gu],
  ["hi", /\p{Script=Devanagari}/gu],
  ["th", /\p{Script=Thai}/gu],
];

const commonWords: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    en: "the and is are of to that this with what how you for please not can which from",
    de: "der die das und ist nicht ich ein eine zu mit für auf wie was bitte sind den von kann",
    fr: "le la les des est et un une que pour dans avec ne pas vous je comment quel sur sont",
    es: "el los las que es y una para con por no cómo qué del como está son se lo",
    it: "il che di è per una con non come sono gli della cosa mi questo perché si",
    nl: "de het een en is van niet ik dat voor met op wat hoe zijn aan deze kan",
    pt: "o que de e é para uma com não os por como mais do da você são isso",
    pl: "i w nie na jest się to że do jak co z dla czy o są przez",
    sv: "och att det som en på är för inte med jag den hur vad kan till av",
  }).map(([language, words]) => [language, new Set(words.split(" "))]),
);

/** Characters that are looked at. */
const most = 2000;

/** Language of a text in ISO 639-1, by its script or its most common words; null where nothing tells. */
export function languageOf(text: string): string | null {
  const sample = text.slice(0, most).toLowerCase();
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return null;
  for (const [language, pattern] of scripts) if ((sample.match(pattern)?.length ?? 0) > letters / 5) return language;
  const words = sample.match(/\p{L}+/gu) ?? [];
  let best: { language: string; hits: number } | null = null;
  let second = 0;
  for (const [language, common] of Object.entries(commonWords)) {
    const hits = words.filter((word) => common.has(word)).length;
    if (best === null || hits > best.hits) {
      second = best?.hits ?? 0;
      best = { language, hits };
    } else second = Math.max(second, hits);
  }
  return best !== null && best.hits > second ? best.language : null;
}
