/** From the end of the leader's work to the line of its successor: five times what it takes. Milliseconds. */
export const AFTER_RELEASE_MS = 5 * 150
/** From kubelet's word that the container has terminated to the line of the successor. Milliseconds. */
export const AFTER_STATUS_MS = 5 * 300
