/** What the device says of itself to somebody who has nothing but the card or a browser: which step is missing. */

/** What became of the boot partition. */
export interface IntakeOutcome {
  readonly kind: "nothing" | "refused" | "taken" | "failed";
  /** What is wrong, one line each; of a refused configuration. */
  readonly errors?: readonly string[];
  /** What was taken, of a taken one. */
  readonly files?: readonly string[];
  /** What probably was meant. */
  readonly hints: readonly string[];
}

/**
 * The text of the report file on the partition.
 * @param isConfigured there is a configuration on flash.
 * @returns undefined when there is nothing new to say: then nothing is written.
 */
export function reportText(outcome: IntakeOutcome, isConfigured: boolean): string | undefined {
  const { kind, errors = [], files = [], hints } = outcome;
  if (kind === "failed") return undefined;
  if (kind === "nothing" && isConfigured && hints.length === 0) return undefined;
  const text = {
    taken: [
      "The configuration was taken in. These files are on the device's own flash now, and no longer here:",
      ...files.map((file) => `  ${file}`),
      "",
      "To change something, put a new config.yaml here, or new files into secrets, and start the device again.",
    ],
    refused: [
      "The configuration can't be used and was left here. What is wrong with it:",
      ...errors.map((error) => `  ${error}`),
      "",
      isConfigured
        ? "The configuration before stays in force. Correct the file and start the device again."
        : "Correct the file and start the device again.",
    ],
    nothing: isConfigured ? [] : missingSteps,
  }[kind];
  return `FlexSpoke\n\n${[...text, ...hints.map((hint) => `Note: ${hint}.`)].join("\n")}\n`;
}

/** What to do with a device that has no configuration. */
export const missingSteps: readonly string[] = [
  "This device has no configuration yet.",
  "",
  "1. Put config.yaml onto the partition FLEXSPOKE of its card, and the files that it names, such as",
  "   secrets/hq.psk, beside it.",
  "2. Start the device again. It moves them to its own flash; nothing of them stays on that partition.",
];
