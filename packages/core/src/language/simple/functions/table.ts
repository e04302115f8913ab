import type { FunctionTable } from '../function.ts'
import { BEAN_FUNCTIONS } from './beans.ts'
import { BODY_FUNCTIONS } from './body.ts'
import { CONFIG_FUNCTIONS } from './config.ts'
import { DATA_FUNCTIONS } from './data.ts'
import { ERROR_FUNCTIONS } from './errors.ts'
import { IDENTITY_FUNCTIONS } from './identity.ts'
import { LIST_FUNCTIONS } from './lists.ts'
import { NUMBER_FUNCTIONS } from './numbers.ts'
import { QUERY_FUNCTIONS } from './query.ts'
import { TEXT_FUNCTIONS } from './text.ts'
import { TIME_FUNCTIONS } from './time.ts'
import { VALUE_FUNCTIONS } from './values.ts'

/** All functions of Simple, by name. */
export const FUNCTIONS: FunctionTable = new Map(
  [
    BODY_FUNCTIONS,
    DATA_FUNCTIONS,
    IDENTITY_FUNCTIONS,
    ERROR_FUNCTIONS,
    TIME_FUNCTIONS,
    VALUE_FUNCTIONS,
    CONFIG_FUNCTIONS,
    TEXT_FUNCTIONS,
    NUMBER_FUNCTIONS,
    LIST_FUNCTIONS,
    BEAN_FUNCTIONS,
    QUERY_FUNCTIONS,
  ].flatMap(family => Object.entries(family)),
)
