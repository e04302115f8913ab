import { DromedaryError, formatDuration } from '@dromedary/core'
import { type LeaseTiming, leaseTiming } from '@dromedary/core/cluster'
import { isResourceName } from './names.ts'
import {
  type KubernetesClusterOptions,
  type KubernetesClusterSettings,
  kubernetesClusterOptions,
  LONGEST_LEASE_MS,
} from './options.ts'

/** Between closing and hard end there must be time to drain. */
const SHORTEST_DRAIN_MS = 500

/** Settings that fit together. */
export interface CheckedSettings extends KubernetesClusterSettings {
  readonly connectionTimeout: number
  readonly timing: LeaseTiming
}

/** Reads the options and checks their relations, which are client-go's and Camel's. Throws `DROMEDARY_CLUSTER_CONFIG`. */
export function checkedSettings(options: KubernetesClusterOptions): CheckedSettings {
  const parsed = kubernetesClusterOptions.safeParse(options)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw invalid(`${String(issue?.path.join('.') || 'an option')} ${issue?.message ?? 'is wrong'}`)
  }
  const settings = parsed.data
  const { leaseDuration, renewDeadline, retryPeriod, jitterFactor, resourceName } = settings
  // A renewal that hangs is given up, and tried again after half a retry period: that must be in time.
  const longestHangMs = renewDeadline - 1.5 * retryPeriod
  const connectionTimeout =
    settings.connectionTimeout ??
    Math.floor(longestHangMs > 0 ? Math.min(renewDeadline / 3, 0.9 * longestHangMs) : renewDeadline / 3)
  if (!isResourceName(resourceName)) {
    throw invalid(
      `resourceName "${resourceName}" must be of small letters, digits and dashes, and 63 at most, as a label is`,
    )
  }
  if (leaseDuration % 1000 !== 0) {
    throw invalid(`leaseDuration (${leaseDuration} ms) must be whole seconds, as in the Lease`)
  }
  if (leaseDuration > LONGEST_LEASE_MS) {
    throw invalid(`leaseDuration (${show(leaseDuration)}) must be at most ${show(LONGEST_LEASE_MS)}`)
  }
  if (renewDeadline >= leaseDuration) {
    throw invalid(`renewDeadline (${show(renewDeadline)}) must be shorter than leaseDuration (${show(leaseDuration)})`)
  }
  if (renewDeadline <= jitterFactor * retryPeriod) {
    throw invalid(
      `renewDeadline (${show(renewDeadline)}) must be longer than jitterFactor times retryPeriod (${show(jitterFactor * retryPeriod)}), or one late renewal costs a healthy leader its term`,
    )
  }
  if (connectionTimeout >= (longestHangMs > 0 ? longestHangMs : renewDeadline)) {
    throw invalid(
      `connectionTimeout (${show(connectionTimeout)}) must be shorter than renewDeadline less one and a half times retryPeriod (${show(longestHangMs)}), or one request that hangs costs a healthy leader its term`,
    )
  }
  const timing = leaseTiming(leaseDuration, renewDeadline)
  const drainMs = timing.hardEndAfterMs - renewDeadline
  if (drainMs < SHORTEST_DRAIN_MS) {
    throw invalid(
      `of leaseDuration (${show(leaseDuration)}) only ${Math.floor(drainMs)} ms are left after renewDeadline (${show(renewDeadline)}) and the safety margin: ${SHORTEST_DRAIN_MS} ms are needed to drain`,
    )
  }
  return { ...settings, connectionTimeout, timing }
}

const show = (ms: number): string => formatDuration(ms)

function invalid(what: string): DromedaryError {
  return new DromedaryError(
    'DROMEDARY_CLUSTER_CONFIG',
    `The Kubernetes cluster service is configured wrongly: ${what}.`,
  )
}
