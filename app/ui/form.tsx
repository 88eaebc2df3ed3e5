/** The door of forms: the form itself runs in the browser too, its types are for actions as well. */
export { Form } from "./form.client";
export { type FormAction, type FormState, typedValues, type Undo } from "./form-state";
