/** Headers and properties that the engine itself sets. Camel's spelling; Dromedary's own begin with `Dromedary`. */
export const NAMES = {
  clusterTerm: 'DromedaryClusterTerm',
  correlationId: 'CamelCorrelationId',
  toEndpoint: 'CamelToEndpoint',
  exceptionCaught: 'CamelExceptionCaught',
  failureEndpoint: 'CamelFailureEndpoint',
  failureRouteId: 'CamelFailureRouteId',
  failureNodeId: 'CamelFailureNodeId',
  redelivered: 'CamelRedelivered',
  redeliveryCounter: 'CamelRedeliveryCounter',
  redeliveryMaxCounter: 'CamelRedeliveryMaxCounter',
  filterMatched: 'CamelFilterMatched',
  messageTimestamp: 'CamelMessageTimestamp',
} as const
