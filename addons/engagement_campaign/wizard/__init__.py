from . import engagement_campaign_import
