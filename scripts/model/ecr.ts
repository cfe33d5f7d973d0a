import { isAbsolute, join } from "node:path";
import type { Written } from "./policy.ts";

/** How repositories in Amazon ECR are made; see `ecr` of the catalog. */
export interface EcrSettings {
  /** Where the registry's host does not say it. */
  readonly region?: string;
  readonly scanOnPush: boolean;
  readonly encryption: "AES256" | "KMS";
  readonly kmsKey?: string;
  /** Path of the policy that each repository gets, JSON. */
  readonly repositoryPolicy?: string;
  /** Days that an image without a tag stays. */
  readonly untaggedDays: number;
}

export const DEFAULT_ECR: EcrSettings = { scanOnPush: true, encryption: "AES256", untaggedDays: 14 };

/** The settings of a block. @param folder of the catalog that has it, which its paths are from */
export function ecrOf(file: Written<EcrSettings>, folder: string): EcrSettings {
  const { region, kmsKey, repositoryPolicy: policy } = file;
  return {
    scanOnPush: file.scanOnPush ?? DEFAULT_ECR.scanOnPush,
    encryption: file.encryption ?? (kmsKey === undefined ? DEFAULT_ECR.encryption : "KMS"),
    untaggedDays: file.untaggedDays ?? DEFAULT_ECR.untaggedDays,
    ...(region !== undefined && { region }),
    ...(kmsKey !== undefined && { kmsKey }),
    ...(policy !== undefined && { repositoryPolicy: isAbsolute(policy) ? policy : join(folder, policy) }),
  };
}
