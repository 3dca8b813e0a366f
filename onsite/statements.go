package onsite

// Every statement with which omt reads SQL Server stands in this file: a closed
// set, read only, valid on SQL Server 2012 to 2022. The three that write, for a
// live migration alone, stand in freezestatements.go. {name} is a SuperOffice
// table, replaced by its quoted name as the catalogue spells it ([CRM7].[ASSOCIATE]).
// Parameters are @p1, @p2, ... in the exact type of the column they meet.

const (
	// sqlServer: who the server is. The version text is never parsed.
	sqlServer = `SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), CAST(SERVERPROPERTY('EngineEdition') AS int), DB_NAME(), CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)), CAST(COLLATIONPROPERTY(CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128)), 'LCID') AS int)`

	// sqlDefinition: whether the login sees the definition of everything. Without
	// that right catalogue views show only what it has some other right on.
	sqlDefinition = `SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'VIEW DEFINITION')`

	// sqlColumns: all columns of all user tables in one reading. A type that a
	// user made from another (an alias) is given as the one it was made from,
	// and by its own name at the end, behind the base's name that is NULL for
	// every other type. A login may not see the schema of a type: no column may
	// be lost for that.
	sqlColumns = `SELECT s.name, t.name, t.object_id, c.name, COALESCE(b.name, ty.name), c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity, c.is_computed, c.collation_name, c.is_sparse, c.is_rowguidcol, b.name, ts.name, ty.name
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id
JOIN sys.types AS ty ON ty.user_type_id = c.user_type_id
LEFT JOIN sys.schemas AS ts ON ts.schema_id = ty.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id AND ty.is_user_defined = 1 AND ty.is_assembly_type = 0
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, c.column_id`

	// sqlIndexes: all rowstore indexes; type 1 is clustered, 2 is not. Disabled
	// ones are left out, and so are the columns that an index has only because
	// its table is partitioned by them.
	sqlIndexes = `SELECT i.object_id, i.name, i.type, i.is_unique, i.is_primary_key, i.is_unique_constraint, COALESCE(k.is_system_named, 0), c.name, ic.is_descending_key, ic.is_included_column, i.filter_definition
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
LEFT JOIN sys.key_constraints AS k ON k.parent_object_id = i.object_id AND k.unique_index_id = i.index_id
WHERE i.type IN (1, 2) AND i.is_hypothetical = 0 AND t.is_ms_shipped = 0 AND i.is_disabled = 0 AND (ic.key_ordinal > 0 OR ic.is_included_column = 1)
ORDER BY i.object_id, i.index_id, ic.is_included_column, ic.key_ordinal, ic.index_column_id`

	// sqlIdentities: seed and increment are of the type sql_variant, which the
	// driver reads as whatever is in it.
	sqlIdentities = `SELECT i.object_id, i.name, CAST(i.seed_value AS nvarchar(40)), CAST(i.increment_value AS nvarchar(40))
FROM sys.identity_columns AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
WHERE t.is_ms_shipped = 0
ORDER BY i.object_id`

	sqlComputed = `SELECT k.object_id, k.name, k.definition, k.is_persisted
FROM sys.computed_columns AS k
JOIN sys.tables AS t ON t.object_id = k.object_id
WHERE t.is_ms_shipped = 0
ORDER BY k.object_id, k.column_id`

	sqlDefaults = `SELECT d.parent_object_id, c.name, d.name, d.definition, d.is_system_named
FROM sys.default_constraints AS d
JOIN sys.tables AS t ON t.object_id = d.parent_object_id
JOIN sys.columns AS c ON c.object_id = d.parent_object_id AND c.column_id = d.parent_column_id
WHERE t.is_ms_shipped = 0
ORDER BY d.parent_object_id, c.column_id`

	sqlChecks = `SELECT k.parent_object_id, k.name, k.definition, k.is_system_named, k.is_disabled, k.is_not_trusted
FROM sys.check_constraints AS k
JOIN sys.tables AS t ON t.object_id = k.parent_object_id
WHERE t.is_ms_shipped = 0
ORDER BY k.parent_object_id, k.name`

	// sqlForeignKeys: one row a pair of columns.
	sqlForeignKeys = `SELECT f.parent_object_id, f.name, rs.name, rt.name, f.delete_referential_action, f.update_referential_action, f.is_system_named, f.is_disabled, f.is_not_trusted, c.name, rc.name
FROM sys.foreign_keys AS f
JOIN sys.foreign_key_columns AS fc ON fc.constraint_object_id = f.object_id
JOIN sys.columns AS c ON c.object_id = fc.parent_object_id AND c.column_id = fc.parent_column_id
JOIN sys.columns AS rc ON rc.object_id = fc.referenced_object_id AND rc.column_id = fc.referenced_column_id
JOIN sys.tables AS rt ON rt.object_id = f.referenced_object_id
JOIN sys.schemas AS rs ON rs.schema_id = rt.schema_id
WHERE f.is_ms_shipped = 0
ORDER BY f.parent_object_id, f.name, fc.constraint_column_id`

	// sqlTypeAliases: types that a user made from a built-in one. Table types have
	// no such base, and CLR types are left out.
	sqlTypeAliases = `SELECT s.name, y.name, b.name, y.max_length, y.precision, y.scale, y.is_nullable
FROM sys.types AS y
JOIN sys.schemas AS s ON s.schema_id = y.schema_id
JOIN sys.types AS b ON b.user_type_id = y.system_type_id
WHERE y.is_user_defined = 1 AND y.is_assembly_type = 0
ORDER BY s.name, y.name`

	// sqlSequenceObjects: the numbers are of the type sql_variant, see sqlIdentities.
	sqlSequenceObjects = `SELECT s.name, q.name, y.name, q.precision, CAST(q.start_value AS nvarchar(40)), CAST(q.increment AS nvarchar(40)), CAST(q.minimum_value AS nvarchar(40)), CAST(q.maximum_value AS nvarchar(40)), CAST(q.current_value AS nvarchar(40)), q.is_cycling, q.is_cached, q.cache_size
FROM sys.sequences AS q
JOIN sys.schemas AS s ON s.schema_id = q.schema_id
JOIN sys.types AS y ON y.user_type_id = q.system_type_id
WHERE q.is_ms_shipped = 0
ORDER BY s.name, q.name`

	// sqlDisabled: tables whose clustered index is disabled; their rows cannot
	// be read.
	sqlDisabled = `SELECT s.name, t.name
FROM sys.indexes AS i
JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE i.type = 1 AND i.is_disabled = 1 AND t.is_ms_shipped = 0
ORDER BY s.name, t.name`

	// sqlSizes: rows and pages of 8 KB, needs VIEW DATABASE STATE.
	sqlSizes = `SELECT p.object_id, SUM(p.row_count), SUM(p.used_page_count) FROM sys.dm_db_partition_stats AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id`

	// sqlPartitions: rows only, for a login without that permission.
	sqlPartitions = `SELECT p.object_id, SUM(p.rows) FROM sys.partitions AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id`

	// sqlModules: views, procedures, functions and triggers with their text.
	sqlModules = `SELECT s.name, o.name, o.type_desc, m.definition, m.uses_ansi_nulls, m.uses_quoted_identifier
FROM sys.sql_modules AS m
JOIN sys.objects AS o ON o.object_id = m.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0
ORDER BY s.name, o.name`

	// sqlDenied: tables that the login may not read.
	sqlDenied = `SELECT s.name, t.name
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.is_ms_shipped = 0 AND HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + QUOTENAME(t.name), 'OBJECT', 'SELECT') = 0
ORDER BY s.name, t.name`

	// sqlStarted and sqlUsage: modifications since the start of the server,
	// need VIEW SERVER STATE.
	sqlStarted = `SELECT sqlserver_start_time FROM sys.dm_os_sys_info`
	sqlUsage   = `SELECT u.object_id, SUM(u.user_updates) FROM sys.dm_db_index_usage_stats AS u WHERE u.database_id = DB_ID() GROUP BY u.object_id`

	// sqlProvable: what decides whether the usage statistics prove anything. The
	// major version is NULL on servers that are too old to be asked for it.
	sqlProvable = `SELECT CAST(DATABASEPROPERTYEX(DB_NAME(), 'IsAutoClose') AS int), CAST(DATABASEPROPERTYEX(DB_NAME(), 'Updateability') AS nvarchar(128)), CAST(SERVERPROPERTY('ProductMajorVersion') AS int)`

	// sqlOpenWrites: transactions in this database that have written and are
	// still open, needs VIEW SERVER STATE.
	sqlOpenWrites = `SELECT COUNT(*) FROM sys.dm_tran_database_transactions AS d WHERE d.database_id = DB_ID() AND d.database_transaction_begin_time IS NOT NULL`

	// sqlSnapshots: the database snapshots of this database.
	sqlSnapshots = `SELECT d.name FROM sys.databases AS d WHERE d.source_database_id = DB_ID()`

	// sqlIsolation: whether transactions of level SNAPSHOT may begin.
	sqlIsolation = `SELECT d.snapshot_isolation_state FROM sys.databases AS d WHERE d.database_id = DB_ID()`

	// sqlTransactions: how many transactions are open on the connection.
	sqlTransactions = `SELECT @@TRANCOUNT`

	// sqlDataFiles: the files that a snapshot needs a counterpart of.
	sqlDataFiles = `SELECT f.name, f.physical_name FROM sys.database_files AS f WHERE f.type = 0 ORDER BY f.file_id`

	// sqlGrowth: what the files of a snapshot take on disk, needs VIEW SERVER STATE.
	sqlGrowth = `SELECT s.file_id, s.size_on_disk_bytes FROM sys.dm_io_virtual_file_stats(DB_ID(), NULL) AS s`

	// sqlVolume: the volume of one file, needs VIEW SERVER STATE.
	sqlVolume = `SELECT v.volume_mount_point, v.available_bytes FROM sys.dm_os_volume_stats(DB_ID(), @p1) AS v`

	// sqlMayCreate: whether the login may make a database, by the server or by
	// master alone.
	sqlMayCreate = `SELECT HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE'), HAS_PERMS_BY_NAME('master', 'DATABASE', 'CREATE DATABASE')`

	// sqlMaxLog: the newest entry of SuperOffice's own transaction log.
	sqlMaxLog = `SELECT MAX(l.traveltransactionlog_id) FROM {traveltransactionlog} AS l`

	// sqlCompany: the one row of owner and licence.
	sqlCompany = `SELECT c.ownerContactName, c.serialNo, c.version, c.revision FROM {company} AS c`

	// sqlSerial: what aligned readers look at in a database without a log.
	sqlSerial = `SELECT c.serialNo FROM {company} AS c`

	// sqlProducts: the versions of the installed modules, for people only.
	sqlProducts = `SELECT v.codeName, v.version FROM {ProductVersion} AS v ORDER BY v.ProductVersion_id`

	// sqlAssociates: the people, without their e-mail addresses and licences.
	sqlAssociates = `SELECT a.associate_id, a.name, a.type, a.deleted, a.lastlogin, a.person_id, p.firstname, p.middleName, p.lastname, p.retired, k.name, k.department, g.name, pp.name, r.name
FROM {associate} AS a
LEFT JOIN {person} AS p ON p.person_id = a.person_id
LEFT JOIN {contact} AS k ON k.contact_id = p.contact_id
LEFT JOIN {UserGroup} AS g ON g.UserGroup_id = a.group_idx
LEFT JOIN {PersPos} AS pp ON pp.PersPos_id = p.position_idx
LEFT JOIN {UserRoleLink} AS url ON url.associate_id = a.associate_id
LEFT JOIN {Role} AS r ON r.Role_id = url.role_id
ORDER BY a.associate_id, r.Role_id`

	// sqlEmails: addresses of the people behind associates, best first.
	sqlEmails = `SELECT a.associate_id, e.email_address
FROM {associate} AS a
JOIN {Email} AS e ON e.person_id = a.person_id
WHERE a.person_id <> 0
ORDER BY a.associate_id, e.rank, e.email_id`

	// sqlPhones: numbers of the people behind associates. ptype_idx of a
	// person's numbers begins at 16384 (0x4000).
	sqlPhones = `SELECT a.associate_id, f.phone
FROM {associate} AS a
JOIN {phone} AS f ON f.owner_id = a.person_id
WHERE a.person_id <> 0 AND f.ptype_idx >= 16384
ORDER BY a.associate_id, f.rank, f.phone_id`

	// sqlAdmins: associates whose role holds one of the two rights.
	sqlAdmins = `SELECT DISTINCT url.associate_id
FROM {UserRoleLink} AS url
JOIN {FunctionRightRoleLink} AS frl ON frl.roleId = url.role_id
JOIN {FunctionRight} AS fr ON fr.FunctionRight_id = frl.functionRightId
WHERE fr.name IN ('admin-all', 'admin-users')`

	// sqlPortraits: pictures of associates, best first. Table 6 is person, link 1
	// the picture of a person; of what is packed or encrypted the way is not public.
	sqlPortraits = `SELECT a.associate_id, b.BinaryObject_id
FROM {associate} AS a
JOIN {BinaryObjectLink} AS l ON l.ownerRecord = a.person_id
JOIN {BinaryObject} AS b ON b.BinaryObject_id = l.binaryObjectId
WHERE a.person_id <> 0 AND l.ownerTable = 6 AND l.linkType = 1 AND b.isZipped = 0 AND b.isEncrypted = 0 AND b.blobSize > 0 AND b.blobSize <= 262144
ORDER BY a.associate_id, l.rank, b.BinaryObject_id`

	// sqlPortrait: one of them, NULL if it is too large to be held for a card.
	sqlPortrait = `SELECT CASE WHEN DATALENGTH(b.binaryData) > 262144 THEN NULL ELSE b.binaryData END, DATALENGTH(b.binaryData) FROM {BinaryObject} AS b WHERE b.BinaryObject_id = @p1`

	// sqlLicences: what is assigned to whom; extraFlags 1 marks a user plan.
	sqlLicences = `SELECT l.assocId, m.moduleName, m.moduleDescription, m.extraFlags
FROM {LicenseAssocLink} AS l
JOIN {ModuleLicense} AS m ON m.ModuleLicense_id = l.moduleLicenseId
ORDER BY l.assocId, m.moduleName`

	// sqlDocuments: a batch of document rows after an id, with the associate of
	// the appointment and the one who registered the document.
	sqlDocuments = `SELECT TOP (@p1) d.document_id, d.name, d.registered, d.archiveProvider, d.appointment_id, ap.appointment_id, ap.associate_id, aa.name, d.registered_associate_id, ra.name
FROM {document} AS d
LEFT JOIN {appointment} AS ap ON ap.appointment_id = d.appointment_id
LEFT JOIN {associate} AS aa ON aa.associate_id = ap.associate_id
LEFT JOIN {associate} AS ra ON ra.associate_id = d.registered_associate_id
WHERE d.document_id > @p2
ORDER BY d.document_id`

	// sqlNamesakes: the document rows of one name, with the same columns.
	sqlNamesakes = `SELECT d.document_id, d.name, d.registered, d.archiveProvider, d.appointment_id, ap.appointment_id, ap.associate_id, aa.name, d.registered_associate_id, ra.name
FROM {document} AS d
LEFT JOIN {appointment} AS ap ON ap.appointment_id = d.appointment_id
LEFT JOIN {associate} AS aa ON aa.associate_id = ap.associate_id
LEFT JOIN {associate} AS ra ON ra.associate_id = d.registered_associate_id
WHERE d.name = @p1
ORDER BY d.document_id`

	// sqlTemplates: the template rows.
	sqlTemplates = `SELECT t.DocTmpl_id, t.filename, t.autoevent_id, t.record_type, t.deleted, t.loadTemplateFromPlugin FROM {DocTmpl} AS t ORDER BY t.DocTmpl_id`

	// sqlTemplatesPlain: the same before 7.5, which has no plug-in templates.
	sqlTemplatesPlain = `SELECT t.DocTmpl_id, t.filename, t.autoevent_id, t.record_type, t.deleted FROM {DocTmpl} AS t ORDER BY t.DocTmpl_id`

	// sqlAttachments: a batch of attachment rows after an id.
	sqlAttachments = `SELECT TOP (@p1) t.id, t.name, t.att_size, t.attachment_location_id FROM {attachment} AS t WHERE t.id > @p2 ORDER BY t.id`

	// sqlAttachmentsPlain: the same before 8.5 R09, which has one folder for all.
	sqlAttachmentsPlain = `SELECT TOP (@p1) t.id, t.name, t.att_size FROM {attachment} AS t WHERE t.id > @p2 ORDER BY t.id`

	// sqlAttachmentLocations: where attachments lie since 8.5.
	sqlAttachmentLocations = `SELECT l.attachment_location_id, l.path FROM {attachment_location} AS l ORDER BY l.attachment_location_id`

	// sqlLocations: to which locations attachments refer.
	sqlLocations = `SELECT DISTINCT t.attachment_location_id FROM {attachment} AS t`

	// sqlAnyAttachment: whether there are attachments at all.
	sqlAnyAttachment = `SELECT TOP (1) t.id FROM {attachment} AS t ORDER BY t.id`

	// sqlServiceConfig: the paths of Customer Service.
	sqlServiceConfig = `SELECT c.text_path, c.attachment_path, c.template_path, c.version FROM {config} AS c ORDER BY c.id`

	// sqlMailboxes and sqlAliases: the addresses at which Customer Service takes
	// mail, and further ones that lead to them.
	sqlMailboxes = `SELECT f.address FROM {mail_in_filter} AS f ORDER BY f.id`
	sqlAliases   = `SELECT m.alias FROM {mail_alias} AS m ORDER BY m.id`

	// sqlPlace: 0 is the central database.
	sqlPlace = `SELECT c.current_id FROM {travelcurrent} AS c ORDER BY c.travelcurrent_id`

	// sqlTravellers: who is away with a travel database.
	sqlTravellers = `SELECT t.travel_id, a.name FROM {traveller} AS t LEFT JOIN {associate} AS a ON a.associate_id = t.travel_id ORDER BY t.travel_id`

	// sqlSatellites: the satellites with the company where they stand.
	sqlSatellites = `SELECT s.satellite_id, k.name FROM {satellite} AS s LEFT JOIN {contact} AS k ON k.contact_id = s.contact_id ORDER BY s.satellite_id`

	// sqlAddons: preferences that name an add-on which does not exist online.
	sqlAddons = `SELECT p.userpreference_id, p.deflevel, a.name, p.prefsection, p.prefkey
FROM {UserPreference} AS p
LEFT JOIN {associate} AS a ON a.associate_id = p.owner_id
WHERE p.prefkey LIKE '%SentryAddonNames%' OR p.prefvalue LIKE '%SentryAddonNames%'
ORDER BY p.userpreference_id`

	// sqlRegistered: the tables that SuperOffice believes to have; negative
	// numbers are those of its dictionary before 8.1.
	sqlRegistered = `SELECT q.TableName FROM {sequence} AS q WHERE q.TableNumber >= 0 ORDER BY q.TableNumber`

	// sqlSignedOn: who is signed on now.
	sqlSignedOn = `SELECT u.activeuser_id, a.name, u.lastlogin, u.computerName FROM {activeuser} AS u LEFT JOIN {associate} AS a ON a.associate_id = u.activeuser_id ORDER BY u.activeuser_id`

	// sqlSignedOnPlain: the same for a version that does not keep the computer.
	sqlSignedOnPlain = `SELECT u.activeuser_id, a.name, u.lastlogin FROM {activeuser} AS u LEFT JOIN {associate} AS a ON a.associate_id = u.activeuser_id ORDER BY u.activeuser_id`

	// sqlExtraTables and sqlExtraFields: what was added in Customer Service.
	sqlExtraTables = `SELECT t.table_name, t.name FROM {extra_tables} AS t ORDER BY t.id`
	sqlExtraFields = `SELECT t.table_name, f.field_name, f.name FROM {extra_fields} AS f LEFT JOIN {extra_tables} AS t ON t.id = f.extra_table ORDER BY f.id`

	// sqlScripts: scripts of Customer Service.
	sqlScripts = `SELECT s.id, s.description FROM {ejscript} AS s ORDER BY s.id`

	// sqlSystemScripts: one row for each event; an empty one does nothing. The
	// length in bytes, because before 7.5 the text is an ntext.
	sqlSystemScripts = `SELECT s.script_id, DATALENGTH(s.body) FROM {system_script} AS s ORDER BY s.id`

	// sqlWebhooks: who is told of changes. The address may hold a secret after
	// its host, so only the host is shown.
	sqlWebhooks = `SELECT w.name, w.target_url FROM {Webhook} AS w ORDER BY w.webhook_id`

	// sqlProviders: documents of other document systems, by their number.
	sqlProviders = `SELECT d.archiveProvider, COUNT_BIG(*) FROM {document} AS d WHERE d.archiveProvider <> 0 GROUP BY d.archiveProvider ORDER BY d.archiveProvider`

	// sqlSequences: the next id of every table. The name is compared here and
	// not by the server, whose collation may tell upper from lower case.
	sqlSequences = `SELECT q.id, q.next_id, q.TableName FROM {sequence} AS q ORDER BY q.id`

	// sqlEvents: the few system events that are in force.
	sqlEvents = `SELECT e.SystemEvent_id, e.scope, e.owner, e.eventkey FROM {SystemEvent} AS e ORDER BY e.SystemEvent_id`

	// sqlAssociateNames: all folder names of the archive.
	sqlAssociateNames = `SELECT a.associate_id, a.name FROM {associate} AS a ORDER BY a.associate_id`
)

// Statements about one table. [c], [k] stand for quoted column names and [s].[t]
// for the quoted table.
//
//	count:  SELECT COUNT_BIG(*) FROM [s].[t]
//	bound:  SELECT MAX(x.[k]) FROM (SELECT TOP (@p1) y.[k] FROM [s].[t] AS y WHERE y.[k] > @p2 ORDER BY y.[k]) AS x
//	first:  SELECT MAX(x.[k]) FROM (SELECT TOP (@p1) y.[k] FROM [s].[t] AS y ORDER BY y.[k]) AS x
//	place:  SELECT [k], [k], ... FROM [s].[t] WHERE ... ORDER BY [k] OFFSET @p1 ROWS FETCH NEXT 1 ROWS ONLY
//	rows:   SELECT [c], [c], ... FROM [s].[t]
//	        ... ORDER BY [k]                                        (one open range)
//	        ... WHERE [k] <= @p1 ORDER BY [k]
//	        ... WHERE [k] > @p1 AND [k] <= @p2 ORDER BY [k]
//	        ... WHERE [k] > @p1 ORDER BY [k]
//
// A key of several columns, or of one that is no ascending integer or may be
// NULL, has its conditions from where.go. Where the driver has no parameter of the column's
// type they compare with CAST(@p1 AS decimal(10, 2)) and the like.
