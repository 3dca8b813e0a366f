// Package bacpac writes the database package (.bacpac) that SqlPackage, SSMS
// and the Azure portal import: model, data parts in bcp native format, zip
// members and directory, each as a block of its own, so that a run can be
// resumed. Writer implements migration.Packager and keeps no state of a run.
//
// What may not live here: reading rows or the catalogue (onsite), staging,
// order and resume (migration and the targets). The reader of the format is
// the package decode below; it shares no table with this one, so that a wrong
// rule here is found there instead of agreed on.
package bacpac
