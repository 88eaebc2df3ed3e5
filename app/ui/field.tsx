import type { ReactNode } from "react";
import { classes } from "./classes";

/** The door of fields. They run in the browser too: they keep what was typed and show the error of the form around them. */
export { ComboField, type Option } from "./combobox.client";
export { DateField } from "./date-field.client";
export {
  CheckField,
  FileField,
  MoneyField,
  NumberField,
  RadioField,
  SelectField,
  TextAreaField,
  TextField,
} from "./field.client";

/** Fields in one, two or three columns; one on phones. A child with the class `all` takes the whole width. */
export function Fields({ columns = 1, children }: { columns?: 1 | 2 | 3 | undefined; children: ReactNode }) {
  return <div className={classes("fields", columns === 2 && "two", columns === 3 && "three")}>{children}</div>;
}

/** The row of buttons that ends a form; `ruled` has a line above. What stands at right goes into `end`. */
export function FormActions({
  ruled,
  end,
  children,
}: {
  ruled?: boolean | undefined;
  end?: ReactNode | undefined;
  children: ReactNode;
}) {
  return (
    <div className={classes("actions", ruled ? "ruled" : "mt-4")}>
      {children}
      {end ? <span className="end">{end}</span> : null}
    </div>
  );
}
