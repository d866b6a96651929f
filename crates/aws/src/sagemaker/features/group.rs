//! A feature group: what was sent, and what of it decides about records.

use super::moment::Life;
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::entities::{self, Entity, Kind};
use crate::sagemaker::jobs::channels;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Feature groups as entities.
pub(crate) const GROUP: Kind = Kind {
    document: "sagemaker/feature-group",
    word: "feature-group",
    prefix: "FeatureGroup",
};

/// The members that decide about records.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Definition {
    pub(crate) record_identifier_feature_name: String,
    pub(crate) event_time_feature_name: String,
    #[serde(rename = "FeatureDefinitions")]
    pub(crate) features: Vec<Feature>,
    #[serde(default, rename = "OnlineStoreConfig")]
    pub(crate) online: Option<Online>,
    #[serde(default, rename = "OfflineStoreConfig")]
    pub(crate) offline: Option<Offline>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Feature {
    #[serde(rename = "FeatureName")]
    pub(crate) name: String,
    #[serde(rename = "FeatureType")]
    pub(crate) kind: FeatureType,
    #[serde(default, rename = "CollectionType")]
    pub(crate) collection: Option<Collection>,
    #[serde(default)]
    collection_config: Option<CollectionConfig>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum FeatureType {
    Integral,
    Fractional,
    String,
}

/// How several values are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Collection {
    List,
    Set,
    Vector,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CollectionConfig {
    #[serde(default)]
    vector_config: Option<VectorConfig>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VectorConfig {
    dimension: usize,
}

impl Feature {
    /// How many values a vector has.
    pub(crate) fn dimension(&self) -> Option<usize> {
        let config = self.collection_config.as_ref()?;
        config.vector_config.as_ref().map(|vector| vector.dimension)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Online {
    #[serde(default)]
    enable_online_store: bool,
    #[serde(default, rename = "TtlDuration")]
    pub(crate) life: Option<Life>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Offline {
    #[serde(rename = "S3StorageConfig")]
    pub(crate) storage: Storage,
    #[serde(default)]
    table_format: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Storage {
    #[serde(rename = "S3Uri")]
    uri: String,
    #[serde(default, rename = "KmsKeyId")]
    pub(crate) key: Option<String>,
    #[serde(default, rename = "ResolvedOutputS3Uri")]
    pub(crate) resolved: Option<String>,
}

/// A group that is there.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) entity: Entity,
    pub(crate) definition: Definition,
}

impl Group {
    fn of(entity: Entity) -> Result<Self, Fault> {
        let definition = read(entity.request.clone())?;
        Ok(Self { entity, definition })
    }

    /// Whether records can be read back at once.
    pub(crate) fn is_online(&self) -> bool {
        self.definition
            .online
            .as_ref()
            .is_some_and(|online| online.enable_online_store)
    }

    /// The feature of a name.
    pub(crate) fn feature(&self, name: &str) -> Option<&Feature> {
        self.definition
            .features
            .iter()
            .find(|feature| feature.name == name)
    }

    /// What its records are kept under: another group of the same name has others.
    pub(crate) fn scope(&self) -> String {
        format!("{}@{}", self.entity.id, self.entity.created.0)
    }

    /// Its description.
    pub(crate) fn described(&self, call: &Call<'_>) -> Value {
        let mut described = self.entity.described(call, &GROUP);
        if let Value::Object(members) = &mut described {
            members.remove("CreatedBy");
            members.remove("LastModifiedBy");
        }
        described["FeatureGroupStatus"] = json!("Created");
        if self.definition.offline.is_some() {
            described["OfflineStoreStatus"] = json!({"Status": "Active"});
        }
        described
    }
}

/// The group of a name or an ARN, if it is there.
pub(crate) async fn find(call: &Call<'_>, name: &str) -> Result<Option<Group>, Fault> {
    let found = entities::find(call, &GROUP, name).await?;
    found.map(Group::of).transpose()
}

/// The group of a name or an ARN.
pub(crate) async fn require(call: &Call<'_>, name: &str) -> Result<Group, Fault> {
    Group::of(entities::require(call, &GROUP, name).await?)
}

/// All groups.
pub(crate) async fn all(call: &Call<'_>) -> Result<Vec<Group>, Fault> {
    let found = entities::all(call, &GROUP, &crate::kept::Which::default()).await?;
    found.into_iter().map(Group::of).collect()
}

/// Checks a new group's request and says where its offline store will be.
pub(crate) async fn prepared(call: &Call<'_>, mut request: Value) -> Result<Value, Fault> {
    let name = entities::member(&request, "FeatureGroupName")?;
    check_name("featureGroupName", &name)?;
    let definition: Definition = read(request.clone())?;
    let mut names = BTreeSet::new();
    for feature in &definition.features {
        check_name("featureName", &feature.name)?;
        let reserved = ["is_deleted", "write_time", "api_invocation_time"];
        if !names.insert(feature.name.as_str()) || reserved.contains(&feature.name.as_str()) {
            let feature = &feature.name;
            return Err(Fault::validation(format!(
                "the feature name {feature} is there twice or reserved"
            )));
        }
        if feature.collection.is_some() && definition.offline.is_some() {
            return Err(Fault::unsupported(format!(
                "the collection {} is not served in an offline store; leave OfflineStoreConfig out",
                feature.name
            )));
        }
    }
    let (identifier, time) = (
        &definition.record_identifier_feature_name,
        &definition.event_time_feature_name,
    );
    let of_type = |name: &str| {
        let mut all = definition.features.iter();
        all.find(|feature| feature.name == name && feature.collection.is_none())
    };
    if of_type(identifier).is_none_or(|feature| feature.kind == FeatureType::Fractional) {
        return Err(Fault::validation(format!(
            "the record identifier {identifier} must be a feature of type String or Integral"
        )));
    }
    if of_type(time).is_none_or(|feature| feature.kind == FeatureType::Integral) {
        return Err(Fault::validation(format!(
            "the event time {time} must be a feature of type String or Fractional"
        )));
    }
    if definition
        .online
        .as_ref()
        .is_none_or(|online| !online.enable_online_store)
        && definition.offline.is_none()
    {
        return Err(Fault::validation(
            "a feature group needs an OnlineStoreConfig, an OfflineStoreConfig or both",
        ));
    }
    if let Some(offline) = &definition.offline {
        if offline.table_format.as_deref() == Some("Iceberg") {
            return Err(Fault::unsupported("the table format Iceberg is not served"));
        }
        let uri = offline.storage.uri.trim_end_matches('/');
        channels::check_output(call, "offlineStoreConfig.s3StorageConfig.s3Uri", uri).await?;
        let (account, region) = (&call.aws.account.id, call.region);
        let second = call.aws.control.world.now().0 / 1_000;
        let store = format!("{account}/sagemaker/{region}/offline-store");
        request["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"] =
            json!(format!("{uri}/{store}/{name}-{second}/data"));
    }
    Ok(request)
}

fn check_name(member: &str, name: &str) -> Result<(), Fault> {
    // Underscores may stand where hyphens may.
    crate::sagemaker::names::check(member, &name.replace('_', "-"), 64)
}
