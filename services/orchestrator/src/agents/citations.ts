/** What a tool found, as the answer may cite it. */
export interface Source {
  /** `S1`, `S2` and so on, in the order of the finds. */
  id: string;
  tool: string;
  text: string;
}

/** A claim's evidence: words of a source. */
export interface Citation {
  source: string;
  quote: string;
}

/** What is wrong with the citations, a sentence each: a source that does not exist, words that are not in it. */
export function citationProblems(citations: readonly Citation[], sources: readonly Source[]): string[] {
  const problems = citations.flatMap((citation, index) => {
    const source = sources.find(({ id }) => id === citation.source);
    if (source === undefined) return [`/citations/${index}/source is none of ${idsOf(sources)}`];
    return isIn(citation.quote, source.text) ? [] : [`/citations/${index}/quote is not in ${source.id} word for word`];
  });
  if (citations.length === 0 && sources.length > 0) problems.push(`/citations must name what the answer rests on`);
  return problems;
}

/** Those whose words are in their source. */
export function verified(citations: readonly Citation[], sources: readonly Source[]): Citation[] {
  return citations.filter(({ source, quote }) => sources.some(({ id, text }) => id === source && isIn(quote, text)));
}

function isIn(quote: string, text: string): boolean {
  const plain = (words: string) => words.replace(/\s+/g, " ").trim();
  return plain(quote) !== "" && plain(text).includes(plain(quote));
}

function idsOf(sources: readonly Source[]): string {
  return sources.length === 0 ? "the sources: there are none" : sources.map(({ id }) => id).join(", ");
}
