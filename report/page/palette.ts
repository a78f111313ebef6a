/** Colours by what they stand for. Plots name them as CSS variables, so that one drawing serves light, dark and print. */
export interface Palette {
  /** Behind everything. */
  readonly page: string;
  /** Behind plots, tables and boxes. */
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  /** Lines of tables and grids, which carry no meaning. */
  readonly grid: string;
  /** Axes and borders. */
  readonly rule: string;
  /** Text on a filled bar. */
  readonly onFill: string;
  readonly link: string;
  readonly own: string;
  readonly frontier: string;
  readonly hosted: string;
  readonly team: string;
  readonly weights: string;
  readonly engine: string;
  readonly activation: string;
  readonly graphs: string;
  readonly cache: string;
  /** Memory that the engine may not take. */
  readonly reserve: string;
  readonly objective: string;
  readonly flag: string;
  readonly flagSurface: string;
  readonly error: string;
}

export const light: Palette = {
  page: "#f7f8f9",
  surface: "#ffffff",
  text: "#1a2027",
  muted: "#515c68",
  grid: "#e4e8ec",
  rule: "#8b96a2",
  onFill: "#ffffff",
  link: "#0b57a8",
  own: "#0b57a8",
  frontier: "#ad4306",
  hosted: "#0a7556",
  team: "#7047ad",
  weights: "#0b57a8",
  engine: "#5b6875",
  activation: "#ad4306",
  graphs: "#7a5c00",
  cache: "#0a7556",
  reserve: "#dfe4e9",
  objective: "#b3261e",
  flag: "#7d4200",
  flagSurface: "#fff3df",
  error: "#b3261e",
};

export const dark: Palette = {
  page: "#0e1318",
  surface: "#161c23",
  text: "#e7ecf1",
  muted: "#a3afbb",
  grid: "#2b343d",
  rule: "#76828e",
  onFill: "#0e1318",
  link: "#74b4ff",
  own: "#74b4ff",
  frontier: "#ffa266",
  hosted: "#5fd0a6",
  team: "#c3a6f5",
  weights: "#74b4ff",
  engine: "#9eabb8",
  activation: "#ffa266",
  graphs: "#dcbb54",
  cache: "#5fd0a6",
  reserve: "#2f3943",
  objective: "#ff8f85",
  flag: "#ffc98a",
  flagSurface: "#33270f",
  error: "#ff8f85",
};

/** A colour as plots and styles name it. */
export function ink(name: keyof Palette): string {
  return `var(--${cssName(name)})`;
}

/** The palette as declarations of CSS variables. */
export function declarations(palette: Palette): string {
  return Object.entries(palette)
    .map(([name, color]) => `--${cssName(name)}:${color}`)
    .join(";");
}

function cssName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
