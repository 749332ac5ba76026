import { readFileSync } from 'node:fs'
import { createFileRegistry, type DescFile, fromBinary, toBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { type Server, type ServerDuplexStream, type ServiceDefinition, status } from '@grpc/grpc-js'
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  type ServerReflectionServer,
  ServerReflectionService,
} from '../../proto/generated/grpc/reflection/v1/reflection.ts'

const descriptors = new URL('../../proto/generated/descriptors.binpb', import.meta.url)

/**
 * Answers grpcurl and its like: server reflection v1, and v1alpha for older tools, over the descriptors of proto/. Our own,
 * because @grpc/reflection lists services without a package as `.Goods`, which no tool then finds.
 * @param services full names, as they are listed
 */
export function addReflection(server: Server, services: readonly string[]): void {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)))

  function answer(request: ServerReflectionRequest): Partial<ServerReflectionResponse> {
    if (request.listServices !== undefined) {
      return { listServicesResponse: { service: services.map((name) => ({ name })) } }
    }
    const name = request.fileByFilename ?? request.fileContainingSymbol
    if (name === undefined) return refused(status.UNIMPLEMENTED, 'only files, symbols and the list of services are answered')
    const file = request.fileByFilename === undefined ? fileOf(name) : registry.getFile(name)
    if (!file) return refused(status.NOT_FOUND, `${name} is not known here`)
    const files = [...withImports(file)].map(({ proto }) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)))
    return { fileDescriptorResponse: { fileDescriptorProto: files } }
  }

  /** Returns the file of a message, enum or service, or of a member (a method, a field) of one. */
  function fileOf(symbol: string): DescFile | undefined {
    return (registry.get(symbol) ?? registry.get(symbol.slice(0, Math.max(0, symbol.lastIndexOf('.')))))?.file
  }

  const implementation: ServerReflectionServer = {
    serverReflectionInfo(call: ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>) {
      call.on('data', (request) => call.write({ validHost: request.host, originalRequest: request, ...answer(request) }))
      call.on('end', () => call.end())
    },
  }
  server.addService(ServerReflectionService, implementation)
  server.addService(inPackage('grpc.reflection.v1alpha'), implementation)
}

function refused(errorCode: status, errorMessage: string): Partial<ServerReflectionResponse> {
  return { errorResponse: { errorCode, errorMessage } }
}

function withImports(file: DescFile, found = new Set<DescFile>()): Set<DescFile> {
  if (!found.has(file)) {
    found.add(file)
    for (const imported of file.dependencies) withImports(imported, found)
  }
  return found
}

/** Both versions speak the same messages: v1alpha is v1 under its older path. */
function inPackage(name: string): ServiceDefinition {
  const { serverReflectionInfo } = ServerReflectionService
  return { serverReflectionInfo: { ...serverReflectionInfo, path: `/${name}.ServerReflection/ServerReflectionInfo` } }
}
