import type { DataFormat } from '../data-format/data-format.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { StandardSchema } from '../standard-schema.ts'
import type { ExpressionDefinition } from './expression.ts'
import type { Ref } from './ref.ts'
import type { StepNode } from './steps.ts'

/** A data format of core by its name, with its options as plain data; or a bean, or the format itself. */
export type DataFormatDefinition = { readonly name: string; readonly options?: object } | Ref<DataFormat>

interface DataFormatStep {
  readonly dataFormat: DataFormatDefinition
  /** The variable that is read instead of the body. */
  readonly variableSend?: string
  /** The variable that takes the result; then the message stays as it is. */
  readonly variableReceive?: string
}

export interface MarshalStep extends StepNode<'marshal'>, DataFormatStep {}

export interface UnmarshalStep extends StepNode<'unmarshal'>, DataFormatStep {
  /** A body that is null stays null, instead of failing. */
  readonly allowNullBody: boolean
}

/** Makes the error of a validation that failed. Camel: PredicateExceptionFactory. */
export type PredicateExceptionFactory = (exchange: Exchange, predicate: string) => unknown

export interface ValidateStep extends StepNode<'validate'> {
  /** What must hold; or a schema. */
  readonly expression: ExpressionDefinition | Ref<StandardSchema>
  readonly predicateExceptionFactory?: Ref<PredicateExceptionFactory>
}
