/** Scripts are imported as text: they travel inside the output and are never run here. */
declare module "*.py" {
  const text: string;
  export default text;
}
