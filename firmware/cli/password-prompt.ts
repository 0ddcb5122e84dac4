/** Asks for a new password: twice and unseen at a terminal, one line from a pipe. */
import type { ReadStream } from "node:tty";
import type { Output } from "./surroundings.ts";

/** Where it is typed. */
export type PasswordInput = ReadStream | (NodeJS.ReadableStream & { readonly isTTY?: false });

/** @returns undefined when the two were not the same, or it was given up (Ctrl-C, end of input). */
export async function askPassword(
  user: string,
  input: PasswordInput,
  prompt: Output,
): Promise<string | undefined> {
  if (!input.isTTY) return firstLine(input);
  const first = await typed(input as ReadStream, `Password of ${user}: `, prompt);
  if (first === undefined) return undefined;
  const second = await typed(input as ReadStream, "The same again: ", prompt);
  return first === second ? first : undefined;
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string | undefined> {
  let text = "";
  for await (const chunk of input.setEncoding("utf8")) {
    text += chunk;
    if (text.includes("\n") || text.length > 4096) break;
  }
  return text.split(/\r?\n/)[0];
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

function typed(input: ReadStream, question: string, prompt: Output): Promise<string | undefined> {
  prompt.write(question);
  input.setRawMode(true).setEncoding("utf8").resume();
  return new Promise((resolve) => {
    let text = "";
    const end = (answer: string | undefined): void => {
      input.off("data", take).pause().setRawMode(false);
      prompt.write("\n");
      resolve(answer);
    };
    const take = (chunk: string): void => {
      for (const [index, character] of [...chunk].entries()) {
        const isEnd = character === "\r" || character === "\n";
        if (isEnd || character === CTRL_C || character === CTRL_D) {
          end(isEnd ? text : undefined);
          const rest = [...chunk].slice(index + 1).join("");
          if (rest !== "") input.unshift(rest);
          return;
        }
        if (character === "\u007f" || character === "\b") text = text.slice(0, -1);
        else text += character;
      }
    };
    input.on("data", take);
  });
}
