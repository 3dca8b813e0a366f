// Package azure is the migration target on a container of Azure Blob Storage
// that is reached with a shared access signature. It implements
// migration.Target and passes upload/uploadtest.
//
// Here lives everything that speaks to the storage service: requests and their
// repetition, the lease, and the mapping of the service's answers to
// migration's errors. What the objects mean is not known here; names arrive
// escaped (migration.TargetPath). The container's address is a bearer secret:
// it stays in the client, and no text that leaves this package holds its query
// (see transport and cleaner).
//
// Two names are the package's own and no objects: session.lock, which carries
// the lease, and everything in .omt-tmp (upload/FORMAT.md).
package azure
