"use server";

import { z } from "zod";
import { removeAttachment } from "@/lib/desk/attachments";
import { action } from "../../act";

export const removeFile = action(
  z.strictObject({ file: z.string().max(100) }),
  (scope, { file }) => removeAttachment(scope, file),
  { done: () => "Removed." },
);
