/** Routes and the engine that runs them. Authors of components import `@dromedary/core/component`, of cluster services `@dromedary/core/cluster`. */
export type { AggregationRepository } from './aggregation/repository.ts'
export { memoryAggregationRepository } from './aggregation/repository.ts'
export {
  type FlexibleOptions,
  flexible,
  groupedBody,
  groupedExchange,
  groupedMessage,
  stringJoin,
  type UseOriginal,
  useLatest,
  useOriginal,
} from './aggregation/strategies.ts'
export type { Aggregate, AggregationHooks, AggregationStrategy } from './aggregation/strategy.ts'
export { type Clock, type ClockTimer, sleep, systemClock } from './clock.ts'
export { clusterTerm, fenced } from './cluster/fencing.ts'
export type { EndpointRef } from './component/endpoint-ref.ts'
export { direct } from './components/direct/direct.ts'
export { log } from './components/log/log.ts'
export { assertMocksSatisfied, MockEndpoint, mock, mockEndpoint } from './components/mock/mock.ts'
export { consoleSink } from './console-sink.ts'
export { base64 } from './data-format/base64.ts'
export type { DataFormat } from './data-format/data-format.ts'
export { gzip } from './data-format/gzip.ts'
export { type JsonOptions, json } from './data-format/json.ts'
export type { PredicateExceptionFactory } from './definition/data-steps.ts'
export {
  type DeadLetterOptions,
  deadLetterChannel,
  defaultErrorHandler,
  type ErrorHandlerDefinition,
  type ErrorHandlerOptions,
  noErrorHandler,
  type RedeliveryPolicy,
} from './definition/error-handler.ts'
export type { ErrorClass, ErrorTest, ErrorType } from './definition/error-type.ts'
export {
  body,
  constant,
  type ExpressionDefinition,
  exchangeProperty,
  header,
  simple,
  variable,
} from './definition/expression.ts'
export type { OnExceptionDefinition, OnExceptionSource } from './definition/on-exception.ts'
export { type FindPlace, placeOfError, recordPlaces, type SourcePlace } from './definition/places.ts'
export type { FromDefinition, RouteDefinition, RouteSource } from './definition/route.ts'
export type { StepDefinition, StepKind, StepNodes } from './definition/steps.ts'
export { type From, from, onException, routes } from './dsl/from.ts'
export type { Route } from './dsl/route-verbs.ts'
export type { Root } from './dsl/state.ts'
export type { Components, Uri } from './dsl/uri-check.ts'
export type { SplitResult } from './eip/split-outcome.ts'
export { isCalledOff } from './error-handling/called-off.ts'
export { DromedaryError, ERROR_CODES, type ErrorCode, isDromedaryError, messageOf } from './errors.ts'
export type { Converter, NamedTypes, TypeConverters } from './exchange/converters.ts'
export { Exchange, type ExchangeGuard, type ExchangePattern, HALT, type Processor } from './exchange/exchange.ts'
export type { Headers } from './exchange/headers.ts'
export type { Message } from './exchange/message.ts'
export { NAMES } from './exchange/names.ts'
export type { Synchronization, UnitOfWork } from './exchange/unit-of-work.ts'
export {
  type MemoryIdempotentRepository,
  type MemoryIdempotentRepositoryOptions,
  memoryIdempotentRepository,
} from './idempotent/memory-repository.ts'
export type { IdempotentRepository } from './idempotent/repository.ts'
export {
  createLogger,
  LOG_LEVELS,
  type Logger,
  type LogLevel,
  type LogRecord,
  type LogSink,
  silentSink,
} from './logger.ts'
export { createContext } from './runtime/context.ts'
export type { ChangeOptions, Context, ContextStatus, RouteChange } from './runtime/context-contract.ts'
export type { RouteStatistics } from './runtime/entry-place.ts'
export type { ExchangeEvent, LifecycleEvent } from './runtime/events.ts'
export type { Meter, MeteredRoute, RouteMeter } from './runtime/meter.ts'
export type { ContextOptions } from './runtime/options.ts'
export type { RouteHandle } from './runtime/route-handle.ts'
export type { RouteStatus } from './runtime/route-status.ts'
export type { HeaderValues, ProducerTemplate } from './runtime/template.ts'
export type { StandardSchema } from './standard-schema.ts'
export { textLines } from './text-lines.ts'
export { type Duration, formatDuration, parseDuration } from './uri/duration.ts'
export { isSensitive, maskSecrets, maskUri } from './uri/mask.ts'
export { type PropertySource, resolvePlaceholders } from './uri/placeholders.ts'
export { didYouMean, nearest } from './uri/suggest.ts'
export { VERSION } from './version.ts'
