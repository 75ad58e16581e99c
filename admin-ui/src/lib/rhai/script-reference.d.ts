declare module "virtual:script-reference" {
  const reference: readonly {
    section: string;
    owner: string;
    name: string;
    calls: readonly string[];
    text: string;
  }[];
  export default reference;
}
