import type { DataFormat } from '../data-format/data-format.ts'
import type { DataFormatDefinition, PredicateExceptionFactory } from '../definition/data-steps.ts'
import { toExpression } from '../definition/expression.ts'
import { type Ref, toRef } from '../definition/ref.ts'
import { isSchema, type SchemaOutput, type StandardSchema } from '../standard-schema.ts'
import type { Family } from './builder.ts'
import type { At, Condition, State, With } from './state.ts'

export interface MarshalOptions {
  /** The variable that is read instead of the body. */
  readonly variableSend?: string
  /** The variable that takes the result; then the message stays as it is. */
  readonly variableReceive?: string
}

export interface UnmarshalOptions extends MarshalOptions {
  /** A body that is null stays null, instead of failing. Default false. */
  readonly allowNullBody?: boolean
}

export interface ValidateOptions {
  /** Makes the error, of the exchange and the text of the predicate. A function, or the name of a bean. */
  readonly predicateExceptionFactory?: string | PredicateExceptionFactory | Ref<PredicateExceptionFactory>
}

/** A data format: its name, one that was made (`json({ prettyPrint: true })`), or a bean. */
export type DataFormatLike = string | DataFormat | { readonly ref: string }

type ValueOf<F> = F extends DataFormat<infer T> ? T : unknown
/** After a step that leaves the message as it is where the result goes into a variable. */
type Result<S extends State, O, B> = O extends { readonly variableReceive: string } ? S : With<S, B>

/** Verbs that read, write and check what the body holds. */
export interface DataVerbs<in out S extends State> {
  /** The body becomes text or bytes in this data format: `marshal('json')`. */
  marshal<const O extends MarshalOptions = object>(format: DataFormatLike, options?: O): At<Result<S, O, unknown>>
  /** The body becomes the value that is read in this data format: `unmarshal(json<Order>())`. */
  unmarshal<const F extends DataFormatLike, const O extends UnmarshalOptions = object>(
    format: F,
    options?: O,
  ): At<Result<S, O, ValueOf<F>>>
  /**
   * Fails (`DROMEDARY_VALIDATION_FAILED`) exchanges for which a predicate does not hold; or whose body a schema (zod,
   * valibot, any Standard Schema) refuses: then the body is what the schema gives.
   */
  validate<V extends Condition<S['body']> | StandardSchema<unknown, unknown>>(
    predicateOrSchema: V,
    options?: ValidateOptions,
  ): At<V extends { readonly '~standard': unknown } ? With<S, SchemaOutput<V>> : S>
}

const formatNode = (format: DataFormatLike): DataFormatDefinition =>
  typeof format === 'string' ? { name: format } : 'marshal' in format ? { ref: format } : format

export const dataVerbs: Family<DataVerbs<State>> = {
  marshal(format, options = {}) {
    return this.step({ kind: 'marshal', dataFormat: formatNode(format), ...options })
  },
  unmarshal(format, options: UnmarshalOptions = {}) {
    const { allowNullBody = false, ...rest } = options
    return this.step({ kind: 'unmarshal', dataFormat: formatNode(format), allowNullBody, ...rest })
  },
  validate(predicateOrSchema: unknown, options: ValidateOptions = {}) {
    const { predicateExceptionFactory: factory } = options
    return this.step({
      kind: 'validate',
      expression: isSchema(predicateOrSchema)
        ? { ref: predicateOrSchema }
        : toExpression('validate', predicateOrSchema),
      ...(factory === undefined ? {} : { predicateExceptionFactory: toRef(factory) }),
    })
  },
}
