import { z } from "zod";
import { parseDocument } from "./types.ts";

const words = z.array(z.string()).nullish();
const named = z.record(z.string(), z.unknown()).nullish();

/** Of a configuration what says how the image runs. Source: OCI image-spec 1.1, config.md; Docker's `Healthcheck` */
const configSchema = z.looseObject({
  created: z.string().nullish(),
  config: z
    .looseObject({
      User: z.string().nullish(),
      Env: words,
      Entrypoint: words,
      Cmd: words,
      WorkingDir: z.string().nullish(),
      ExposedPorts: named,
      Volumes: named,
      StopSignal: z.string().nullish(),
      Healthcheck: z.looseObject({ Test: words }).nullish(),
    })
    .nullish(),
});

/**
 * What an image's configuration says of how it runs.
 * @param where names the source in the error message
 * @throws Error where it is no configuration
 */
export function readConfigFacts(bytes: Uint8Array, where: string) {
  const { created, config } = parseDocument(configSchema, bytes, where);
  const said = (text: string | null | undefined) => (text ? text : undefined);
  return {
    created: said(created),
    user: said(config?.User),
    env: config?.Env ?? [],
    entrypoint: config?.Entrypoint ?? [],
    cmd: config?.Cmd ?? [],
    workdir: said(config?.WorkingDir),
    ports: Object.keys(config?.ExposedPorts ?? {}),
    volumes: Object.keys(config?.Volumes ?? {}),
    stopSignal: said(config?.StopSignal),
    healthcheck: config?.Healthcheck?.Test ?? [],
  };
}
