import type { ManifestContent } from "../../scripts/registry/client.ts";

/** Manifests in memory, for what asks for nothing else. Each call is answered before any timer. */
export class MemoryRegistry {
  readonly manifests = new Map<string, ManifestContent>();

  constructor(readonly host = "127.0.0.1:5000") {}

  async getManifest(repository: string, reference: string): Promise<ManifestContent | undefined> {
    return this.manifests.get(`${repository}:${reference}`);
  }

  async putManifest(repository: string, reference: string, content: ManifestContent): Promise<void> {
    this.manifests.set(`${repository}:${reference}`, content);
  }
}
