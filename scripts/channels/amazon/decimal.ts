/** An amount of cents as Amazon writes it. */
export const decimal = (cents: number): string => (cents / 100).toFixed(2);
