/**
 * Connections that the system keeps for a door until its process gets to them; Linux itself keeps no more by default (net.core.somaxconn). Of Node's 511
 * a busy process loses some between two rounds of its event loop, and who is lost so comes again after 1, 3 and 7 s (RFC 6298: each time-out of a SYN is
 * twice the one before).
 */
export const BACKLOG = 4_096
