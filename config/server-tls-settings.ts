import type { SettingTable } from './setting.ts'
import { pemFile } from './setting-parsers.ts'

const REFERENCE_SERVICES = ['goods', 'inventory', 'user'] as const

/** Settings of TLS of what is served over HTTP, and of the reference services, entries of the one table (settings.ts). */
export const SERVER_TLS_SETTINGS = {
  HTTP_TLS_CERT_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning: 'PEM file of the certificate of the starter, with which HTTP_ADDR takes HTTPS alone',
    parse: pemFile,
  },
  HTTP_TLS_KEY_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning: 'PEM file of the key of the certificate in HTTP_TLS_CERT_PATH',
    parse: pemFile,
  },
  HTTP_TLS_CLIENT_CA_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'PEM file of the certificate authorities of the callers over HTTPS: a caller without a certificate of theirs is refused (mTLS)',
    parse: pemFile,
  },
  OPERATIONS_TLS_CERT_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning: 'PEM file of the certificate of the starter, with which OPERATIONS_ADDR takes HTTPS alone',
    parse: pemFile,
  },
  OPERATIONS_TLS_KEY_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning: 'PEM file of the key of the certificate in OPERATIONS_TLS_CERT_PATH',
    parse: pemFile,
  },
  OPERATIONS_TLS_CLIENT_CA_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'PEM file of the certificate authorities of those who call OPERATIONS_ADDR: one without a certificate of theirs is refused (mTLS)',
    parse: pemFile,
  },
  METRICS_TLS_CERT_PATH: {
    readBy: ['worker'],
    optional: true,
    meaning: 'PEM file of the certificate of the worker, with which METRICS_ADDR takes HTTPS alone',
    parse: pemFile,
  },
  METRICS_TLS_KEY_PATH: {
    readBy: ['worker'],
    optional: true,
    meaning: 'PEM file of the key of the certificate in METRICS_TLS_CERT_PATH',
    parse: pemFile,
  },
  METRICS_TLS_CLIENT_CA_PATH: {
    readBy: ['worker'],
    optional: true,
    meaning:
      'PEM file of the certificate authorities of those who ask for metrics: one without a certificate of theirs is refused (mTLS)',
    parse: pemFile,
  },
  SERVICES_TLS_CERT_PATH: {
    readBy: REFERENCE_SERVICES,
    optional: true,
    meaning: 'PEM file of the certificate of the reference services, with which their connections use TLS',
    parse: pemFile,
  },
  SERVICES_TLS_KEY_PATH: {
    readBy: REFERENCE_SERVICES,
    optional: true,
    meaning: 'PEM file of the key of the certificate in SERVICES_TLS_CERT_PATH',
    parse: pemFile,
  },
  SERVICES_TLS_CLIENT_CA_PATH: {
    readBy: REFERENCE_SERVICES,
    optional: true,
    meaning:
      'PEM file of the certificate authorities of the callers of the reference services: a caller without a certificate of theirs is refused (mTLS)',
    parse: pemFile,
  },
} as const satisfies SettingTable
