//! Occupations, their titles, and the guides that name them.
use sea_orm_migration::prelude::*;

use migrations::table::{clustered, index, name, number, of_revision, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let version = || ColumnDef::new(name("version")).big_integer().not_null().take();
        let occupations = Table::create()
            .table(name("occupation"))
            .col(version())
            .col(text(manager, "code").not_null())
            .col(text(manager, "node_key").not_null())
            .col(text(manager, "soc_code").not_null())
            .col(text(manager, "title").not_null())
            .col(number("job_zone"))
            .primary_key(Index::create().col(name("version")).col(name("code")))
            .take();
        clustered(manager, occupations).await?;
        index(manager, "occupation", &["code", "soc_code"]).await?;
        let titles = Table::create()
            .table(name("occupation_title"))
            .col(version())
            .col(text(manager, "title").not_null())
            .col(text(manager, "code").not_null())
            .col(text(manager, "kind").not_null())
            .col(text(manager, "short_title"))
            .primary_key(Index::create().col(name("version")).col(name("title")).col(name("code")).col(name("kind")))
            .take();
        clustered(manager, titles).await?;
        index(manager, "occupation_title", &["version", "short_title"]).await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE VIEW occupation_of_release AS SELECT d.revision_id, d.entry_id, o.node_key, o.code, o.soc_code, o.title, \
                 o.job_zone FROM dataset_table d JOIN occupation o ON o.version = d.version \
                 WHERE d.dataset = 'onet' AND d.name = 'occupations'",
            )
            .await?;
        let bls = Table::create()
            .table(name("occupation_bls"))
            .col(version())
            .col(text(manager, "code").not_null())
            .col(text(manager, "soc").not_null())
            .col(text(manager, "bls").not_null())
            .primary_key(Index::create().col(name("version")).col(name("code")))
            .take();
        clustered(manager, bls).await?;
        index(manager, "occupation_bls", &["version", "soc", "bls"]).await?;
        let named = of_revision("career_occupation")
            .col(text(manager, "code").not_null())
            .col(text(manager, "soc").not_null())
            .primary_key(Index::create().col(name("revision_id")).col(name("code")))
            .take();
        manager.create_table(named).await?;
        index(manager, "career_occupation", &["code", "revision_id"]).await?;
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE VIEW career_of_occupation AS SELECT n.revision_id, o.code FROM (SELECT DISTINCT code, soc_code FROM occupation) o \
                 JOIN career_occupation n ON n.code IN (o.code, o.soc_code)",
            )
            .await?;
        // What was stored before names its codes already.
        manager
            .get_connection()
            .execute_unprepared(
                "INSERT INTO career_occupation (revision_id, code, soc) SELECT DISTINCT revision_id, code, substr(code, 1, 7) FROM career_code c \
                 WHERE scheme = 'ONET_SOC' OR scheme = 'SOC' AND NOT EXISTS (SELECT 1 FROM career_code n WHERE n.revision_id = c.revision_id \
                 AND n.scheme = 'ONET_SOC' AND substr(n.code, 1, 7) = c.code)",
            )
            .await?;
        Ok(())
    }
}
