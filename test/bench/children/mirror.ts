import { fileSite, serveSites } from "../../../sandbox/serve.ts";

/** Serves directories as one: of each file, the first that has it. Arguments: DIRECTORY… */
const sites = process.argv.slice(2).map((one) => fileSite(one));

async function firstOf(path: string, origin: string) {
  for (const site of sites) {
    const answer = await site(path, origin);
    if (answer) return answer;
  }
  return undefined;
}

const server = await serveSites({ "/": firstOf }, 0);
process.send?.({ host: new URL(server.url).host });
process.on("disconnect", () => server.close());
