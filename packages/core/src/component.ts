/** For authors of components: how one is made, and the contract that it keeps. */
export { type Clock, type ClockTimer, sleep } from './clock.ts'
export type { EndpointComponent, WrappingComponent } from './component/component-types.ts'
export { typeOf } from './component/component-types.ts'
export type {
  Component,
  ComponentMeta,
  ComponentTypes,
  Consumer,
  ContextView,
  Endpoint,
  EndpointInit,
  OptionMeta,
  Poller,
  Producer,
  Readiness,
  RouteEntry,
  RouteScope,
  ScopeGuard,
  SharedResource,
  SharedResources,
  TermBegun,
} from './component/contract.ts'
export { type ComponentSpec, defineComponent, type EndpointAt } from './component/define-component.ts'
export { describeOptions } from './component/describe-options.ts'
export { type EndpointRef, isEndpointRef } from './component/endpoint-ref.ts'
export {
  bean,
  decimal,
  duration,
  flag,
  integer,
  list,
  type NumberLimits,
  oneOf,
  type Placeholder,
  type PrefixedInput,
  prefixed,
  text,
} from './component/options.ts'
export { type OptionPlace, type ParsedOptions, parseOptions } from './component/parse-options.ts'
export { isCalledOff } from './error-handling/called-off.ts'
export { DromedaryError, isDromedaryError, messageOf } from './errors.ts'
export { Exchange, type ExchangeGuard, type ExchangePattern, HALT, type Processor } from './exchange/exchange.ts'
export type { Message } from './exchange/message.ts'
export { NAMES } from './exchange/names.ts'
export type { Synchronization } from './exchange/unit-of-work.ts'
export type { IdempotentRepository } from './idempotent/repository.ts'
export { builtInLanguages } from './language/built-in.ts'
export { isTruthy } from './language/language.ts'
export { type Language, LanguageRegistry } from './language/registry.ts'
export type { Logger, LogLevel } from './logger.ts'
export type { ResumeFailures, ResumePlace, ResumeStrategy } from './resume/strategy.ts'
export { type Duration, formatDuration, parseDuration } from './uri/duration.ts'
export { maskSecrets, maskUri } from './uri/mask.ts'
export { type ParsedUri, parseUri } from './uri/parse.ts'
export { didYouMean } from './uri/suggest.ts'
export { VERSION } from './version.ts'
