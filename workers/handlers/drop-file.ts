import { dropFile as drop } from "../../lib/desk/attachments";
import type { Handler } from "../registry";

export const dropFile: Handler<"dropFile"> = {
  run: async ({ file }, { scope }) => {
    await drop(scope, file);
    return "done";
  },
};
