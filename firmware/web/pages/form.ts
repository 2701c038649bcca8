/** Owns the shape of a form: pages, sections, fields, and the parameter behind each. */

export interface Field {
  /** As the original's own forms post it. */
  readonly field: string;
  /** Global spelling. */
  readonly parameter: string;
  readonly label: string;
  /** The field says yes where the parameter says no: its name asks the other way round. */
  readonly flipped: boolean;
}

export interface Section {
  readonly title: string;
  readonly fields: readonly Field[];
}

export interface FormPage {
  readonly path: string;
  readonly title: string;
  /** Null = for all lines. */
  readonly line: number | null;
  readonly sections: readonly Section[];
  /** `rows`: each section is one row of fields, and what they mean is said once. */
  readonly look: 'list' | 'rows';
  /** It has the fields of the codecs too, which are no parameters of their own. */
  readonly codecs?: true;
  /** Fields of the original without a parameter behind them, and what its forms post where nobody has chosen. */
  readonly unheard?: Readonly<Record<string, string>>;
  /** Pages of its kind, itself among them. */
  readonly siblings?: readonly Pick<FormPage, 'path' | 'title'>[];
}

/** As the tables write it. */
type Row = readonly [field: string, parameter: string, label: string, flipped?: 'flipped'];

export const section = (title: string, rows: readonly Row[]): Section => ({
  title,
  fields: rows.map(([field, parameter, label, flipped]) => ({
    field,
    parameter,
    label,
    flipped: flipped !== undefined,
  })),
});

/** A yes or no as the parameter has it, from how the field has it, and back. */
export const flip = (value: string): string => ({ '0': '1', '1': '0' })[value] ?? value;
