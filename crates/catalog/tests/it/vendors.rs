//! Small lists in the vendors' own formats.

use crate::server::{Answer, Server};

pub const AWS_HEADER: &str = "\"SKU\",\"OfferTermCode\",\"RateCode\",\"TermType\",\
\"PriceDescription\",\"EffectiveDate\",\"StartingRange\",\"EndingRange\",\"Unit\",\
\"PricePerUnit\",\"Currency\",\"LeaseContractLength\",\"PurchaseOption\",\"OfferingClass\",\
\"Product Family\",\"serviceCode\",\"Location\",\"Instance Type\",\"vCPU\",\"Physical Processor\",\
\"Memory\",\"GPU\",\"Tenancy\",\"Operating System\",\"Pre Installed S/W\",\"CapacityStatus\",\
\"Region Code\"";

/// One line of the CSV of EC2 prices.
pub fn aws_line(machine: &str, price: &str, (term, lease): (&str, &str), system: &str) -> String {
    let option = if term == "Reserved" {
        "No Upfront\",\"standard"
    } else {
        "\",\""
    };
    let processor = if machine.contains("8g") {
        "AWS Graviton4 Processor"
    } else {
        "Intel Xeon"
    };
    format!(
        "\"X\",\"JRTCKXETXF\",\"X.J.6\",\"{term}\",\"$ per Hour\",\"2026-11-01\",\"0\",\"Inf\",\
         \"Hrs\",\"{price}\",\"USD\",\"{lease}\",\"{option}\",\"Compute Instance\",\"AmazonEC2\",\
         \"EU (Frankfurt)\",\"{machine}\",\"4\",\"{processor}\",\"16 GiB\",\"\",\"Shared\",\
         \"{system}\",\"NA\",\"Used\",\"eu-central-1\""
    )
}

pub fn aws_csv(lines: &[String]) -> String {
    let metadata = "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"For information only\"\n\
                    \"Publication Date\",\"2026-11-20T10:00:00Z\"\n\"Version\",\"20261120100000\"\n\
                    \"OfferCode\",\"AmazonEC2\"\n";
    format!("{metadata}{AWS_HEADER}\n{}\n", lines.join("\n"))
}

pub const AWS_FILE: &str = "/offers/v1.0/aws/AmazonEC2/20261120100000/eu-central-1/index.csv";

/// Puts the two indexes and the file of Frankfurt in place.
pub fn serve_aws(server: &Server, csv: Answer) {
    let index = "{\"formatVersion\":\"v1.0\",\"offers\":{\"AmazonEC2\":{\"offerCode\":\"AmazonEC2\",\
                 \"currentRegionIndexUrl\":\"/offers/v1.0/aws/AmazonEC2/current/region_index.json\"}}}";
    let regions = "{\"formatVersion\":\"v1.0\",\"regions\":{\"eu-central-1\":{\"regionCode\":\
                   \"eu-central-1\",\"currentVersionUrl\":\
                   \"/offers/v1.0/aws/AmazonEC2/20261120100000/eu-central-1/index.json\"}}}";
    server.answer("/offers/v1.0/aws/index.json", Answer::of(index));
    server.answer(
        "/offers/v1.0/aws/AmazonEC2/current/region_index.json",
        Answer::of(regions),
    );
    server.answer(AWS_FILE, csv);
}

pub const AZURE_BEGIN: &str = "/api/retail/prices?api-version=2023-01-01-preview&currencyCode=%27USD%27\
&$filter=serviceName%20eq%20%27Virtual%20Machines%27%20and%20priceType%20eq%20%27Consumption%27";

pub fn azure_item(machine: &str, region: &str, price: &str, sku: &str, product: &str) -> String {
    format!(
        "{{\"currencyCode\":\"USD\",\"tierMinimumUnits\":0.0,\"retailPrice\":{price},\
         \"unitPrice\":{price},\"armRegionName\":\"{region}\",\"location\":\"X\",\
         \"meterName\":\"{sku}\",\"productName\":\"{product}\",\"skuName\":\"{sku}\",\
         \"serviceName\":\"Virtual Machines\",\"unitOfMeasure\":\"1 Hour\",\
         \"type\":\"Consumption\",\"isPrimaryMeterRegion\":true,\"armSkuName\":\"{machine}\"}}"
    )
}

pub fn azure_page(items: &[String], next: Option<&str>) -> String {
    let next = next.map_or("null".to_owned(), |next| format!("\"{next}\""));
    format!(
        "{{\"BillingCurrency\":\"USD\",\"CustomerEntityId\":\"Default\",\"Items\":[{}],\
         \"NextPageLink\":{next},\"Count\":{}}}",
        items.join(","),
        items.len()
    )
}

pub const GOOGLE_BEGIN: &str = "/v1/services/6F81-5844-456A/skus?currencyCode=USD&pageSize=5000";

/// A SKU with the price that is in force, after one that was.
pub fn google_sku(description: &str, usage: &str, unit: &str, nanos: u64) -> String {
    let info = |since: &str, nanos: u64| {
        format!(
            "{{\"effectiveTime\":\"{since}\",\"pricingExpression\":\
             {{\"usageUnit\":\"{unit}\",\"tieredRates\":[{{\"startUsageAmount\":0,\"unitPrice\":\
             {{\"currencyCode\":\"USD\",\"units\":\"0\",\"nanos\":{nanos}}}}}]}}}}"
        )
    };
    let infos = [
        info("2025-01-01T00:00:00Z", nanos * 2),
        info("2026-11-01T00:00:00Z", nanos),
    ];
    format!(
        "{{\"name\":\"services/6F81-5844-456A/skus/X\",\"skuId\":\"X\",\
         \"description\":\"{description}\",\"category\":{{\"serviceDisplayName\":\
         \"Compute Engine\",\"resourceFamily\":\"Compute\",\"usageType\":\"{usage}\"}},\
         \"serviceRegions\":[\"europe-west3\"],\"pricingInfo\":[{}]}}",
        infos.join(",")
    )
}
