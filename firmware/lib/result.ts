/** A value, or why there is none; for faults that are expected and so not thrown. */
export type Result<Value, Fault> = Ok<Value> | Failed<Fault>;
export interface Ok<Value> {
  readonly ok: true;
  readonly value: Value;
}
export interface Failed<Fault> {
  readonly ok: false;
  readonly error: Fault;
}

export function ok<Value>(value: Value): Ok<Value> {
  return { ok: true, value };
}

export function failed<Fault>(error: Fault): Failed<Fault> {
  return { ok: false, error };
}
